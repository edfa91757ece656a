#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace doorbell::driver {

/// How completion queues interrupt.
enum class InterruptMode : std::uint8_t { Msix, Msi, None };

/// `NativeAdminOptions`: an admin queue pair the device does not know yet.
struct AdminQueueOptions {
  std::uint32_t depth = 64;            ///< queue entries, 2..4096
  std::optional<std::uint32_t> mps{};  ///< CC.MPS to come; default CAP.MPSMIN
  std::uint32_t vectors = 65;          ///< asked for; the function may have fewer
  InterruptMode interrupts = InterruptMode::Msix;
};

/// What belongs into AQA, ASQ and ACQ.
struct AdminQueueRegisters {
  std::uint32_t aqa = 0;
  std::uint64_t asq = 0;
  std::uint64_t acq = 0;
};

/// `NativeAdoptOptions`: what is left to do once CSTS.RDY is 1.
struct AdoptOptions {
  /// I/O queue pairs to ask for (Set Features, Number of Queues), 1..65535.
  std::uint32_t ioQueues = 64;
  /// The caller asked by itself: `ioQueues` is what was granted.
  bool isGranted = false;
  /// Choose an I/O Command Set Profile where CC.CSS is 110b.
  bool chooseProfile = true;
};

/// `NativeInitOptions`: the default sequence.
struct InitOptions {
  std::uint32_t adminDepth = 64;               ///< queue entries, 2..4096
  std::uint32_t ioQueues = 64;                 ///< queue pairs asked for, 1..65535
  std::optional<std::uint32_t> arbitration{};  ///< CC.AMS: 0 round robin, 1 weighted, 7 vendor
  std::optional<std::uint32_t> commandSet{};   ///< CC.CSS: 0 NVM, 6 all, 7 admin only
  std::optional<std::uint32_t> mps{};          ///< CC.MPS: pages of 2^(12+mps) bytes
  InterruptMode interrupts = InterruptMode::Msix;
};

/// What initialize() and adopt() learned.
struct ControllerInfo {
  struct NamespaceInfo {
    std::uint32_t nsid = 0;
    std::vector<std::byte> identify;  ///< Identify Namespace, 4096 bytes
  };
  std::vector<std::byte> identify;  ///< Identify Controller, 4096 bytes
  std::vector<NamespaceInfo> namespaces;
  std::uint32_t ioQueues = 0;  ///< queue pairs granted
};

}  // namespace doorbell::driver
