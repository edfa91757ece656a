#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platform/pci_function.h"

namespace doorbell::driver {

class Qpair;
class ControllerCore;

struct InitOptions {
  std::uint32_t adminDepth = 64;  ///< queue entries, 2..4096
  std::uint32_t ioQueues = 64;    ///< queue pairs asked for, 1..65535
};

/// What initialize() learned.
struct ControllerInfo {
  struct NamespaceInfo {
    std::uint32_t nsid = 0;
    std::vector<std::byte> identify;  ///< Identify Namespace, 4096 bytes
  };
  std::vector<std::byte> identify;  ///< Identify Controller, 4096 bytes
  std::vector<NamespaceInfo> namespaces;
  std::uint32_t ioQueues = 0;  ///< queue pairs granted
};

/// Memory-based Controller Initialization (PCIe) (NVMe Base 2.0): disables, sets the admin queue
/// up, enables, waits for CSTS.RDY (bounded by CAP.TO), identifies and asks for I/O queues. Called
/// with core.operation() held and every earlier queue pair ended. Throws Error{"INIT_FAILED"}.
ControllerInfo runEnableSequence(ControllerCore& core, const InitOptions& options);

}  // namespace doorbell::driver
