#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "emulator/admin/admin_work.h"
#include "emulator/background.h"
#include "emulator/health.h"
#include "emulator/media_file.h"
#include "emulator/namespace_table.h"
#include "emulator/persistent_state.h"
#include "emulator/ssd_options.h"
#include "emulator/timing_model.h"
#include "emulator/zns/zone_excursions.h"
#include "spec/status.h"

namespace doorbell::emulator {

/// What Namespace Management: Create asks for.
struct NamespaceSpec {
  std::uint64_t blocks = 0;    ///< NSZE
  std::uint64_t capacity = 0;  ///< NCAP
  BlockFormat format;
  std::uint8_t csi = 0;
  bool shared = false;  ///< NMIC bit 0
};

/// What outlives resets and power: media, write cache, counters, identity, namespaces.
/// Changes while no command is processed, once in use.
class NvmSubsystem {
 public:
  /// Powered on. Throws Error{"NO_MEMORY"} and what MediaFile::open throws.
  explicit NvmSubsystem(const SsdOptions& options);
  ~NvmSubsystem();  ///< an orderly power off
  NvmSubsystem(const NvmSubsystem&) = delete;
  NvmSubsystem& operator=(const NvmSubsystem&) = delete;

  [[nodiscard]] NamespaceTable& namespaces() noexcept { return namespaces_; }
  [[nodiscard]] const NamespaceTable& namespaces() const noexcept { return namespaces_; }

  struct Created {
    spec::Status status;
    std::uint32_t nsid = 0;
  };
  /// Allocates a namespace, not attached, at the lowest free NSID.
  Created createNamespace(const NamespaceSpec& spec) noexcept;
  void deleteNamespace(std::uint32_t nsid) noexcept;
  void attachNamespace(std::uint32_t nsid, bool attached) noexcept;
  /// All content is gone; NSZE and NCAP become what fits into the bytes it has.
  void formatNamespace(std::uint32_t nsid, const BlockFormat& format) noexcept;
  void flushAll() noexcept;
  /// An NVM Subsystem Reset, as far as namespaces go; every power on is one.
  void resetSubsystem() noexcept;
  /// Registrations of a host without an identifier end with a Controller Level Reset.
  void forgetNamelessHost() noexcept;

  [[nodiscard]] std::uint64_t capacity() const noexcept { return state_->bytes; }  ///< TNVMCAP
  [[nodiscard]] std::uint64_t unallocated() const noexcept;                        ///< UNVMCAP

  [[nodiscard]] Counters& counters() noexcept { return state_->counters; }
  [[nodiscard]] Health& health() noexcept { return health_; }
  [[nodiscard]] IoCounters& ioCounters(unsigned shard) noexcept { return state_->io[shard]; }
  [[nodiscard]] IoTotals ioTotals() const noexcept;
  [[nodiscard]] SavedFeature& savedFeature(std::uint8_t slot) noexcept {
    return state_->features[slot];
  }
  /// A room of the persistent memory: `subsystem.section<FirmwareSlots, Section::Firmware>()`.
  template <class T, Section kSection>
  [[nodiscard]] T& section() noexcept {
    return state_->section<T, kSection>();
  }

  [[nodiscard]] AdminWork& admin() noexcept { return admin_; }
  [[nodiscard]] const AdminWork& admin() const noexcept { return admin_; }
  [[nodiscard]] Background& background() noexcept { return background_; }
  [[nodiscard]] const Background& background() const noexcept { return background_; }

  /// Null: commands take no time of their own.
  [[nodiscard]] TimingModel* timing() noexcept { return timing_.get(); }
  [[nodiscard]] const SsdOptions& options() const noexcept { return options_; }
  [[nodiscard]] const std::string& serial() const noexcept { return serial_; }
  [[nodiscard]] const std::array<std::uint8_t, 16>& uuid() const noexcept { return uuid_; }
  [[nodiscard]] std::uint64_t poweredSeconds() const noexcept;

  [[nodiscard]] bool powered() const noexcept { return state_->powered != 0; }
  void powerOn() noexcept;
  /// Counted as unsafe, and the write cache lost, unless a shutdown was completed before.
  void powerOff(bool shutDown) noexcept;

 private:
  using Clock = std::chrono::steady_clock;
  using Records = std::array<NamespaceRecord, kMaxNamespaces>;

  [[nodiscard]] NamespaceRecord& record(std::uint32_t nsid) noexcept {
    return section<Records, Section::Namespaces>()[nsid - 1];
  }
  void mount(std::uint32_t nsid);
  void makeNamespaces();
  void wearZones(std::uint32_t nsid) noexcept;
  void refuseOtherZones() const;
  [[nodiscard]] ZoneRoom& zones(std::uint32_t nsid) noexcept {
    return section<ZoneRooms, Section::Zones>()[nsid - 1];
  }
  void restoreReservations() noexcept;

  const SsdOptions options_;
  MediaFile file_;       ///< before what is mapped from it
  MappedRegion memory_;  ///< holds the state where there is no file
  PersistentState* state_;
  NamespaceTable namespaces_;
  Background background_;
  std::unique_ptr<TimingModel> timing_;
  ZoneExcursions excursions_{namespaces_, options_.zones.excursionMs};
  AdminWork admin_{*this};  ///< uses all of the above
  Health health_;
  std::string serial_;
  std::array<std::uint8_t, 16> uuid_{};
  Clock::time_point poweredSince_;
};

}  // namespace doorbell::emulator
