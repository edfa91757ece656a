#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "emulator/block_format.h"
#include "emulator/limits.h"
#include "emulator/media.h"
#include "emulator/write_cache.h"
#include "emulator/zns/zoned_space.h"
#include "spec/opcode.h"
#include "spec/status.h"

namespace doorbell::emulator {

/// What the SSD keeps of a namespace without power.
struct NamespaceRecord {
  std::uint32_t allocated = 0;
  BlockFormat format;
  std::uint8_t csi = 0;
  std::uint8_t attached = 0;
  std::uint8_t writeProtection = 0;  ///< Namespace Write Protection Config: the WPS field
  std::uint8_t shared = 0;           ///< NMIC bit 0
  std::uint32_t generation = 0;      ///< of the NSID: another namespace, another NGUID
  std::uint64_t blocks = 0;          ///< NSZE
  std::uint64_t capacity = 0;        ///< NCAP
  std::uint64_t bytes = 0;           ///< of NVM capacity taken
  std::array<std::uint8_t, 16> nguid{};
  std::array<std::uint8_t, 16> uuid{};
  std::array<std::byte, 184> reserved{};
};
static_assert(sizeof(NamespaceRecord) == 256);

/// A namespace that is allocated: its settings, its share of the medium, its share of the cache.
/// Settings change while no command is processed.
class Namespace {
 public:
  /// `zones` is used when the record says that it is zoned.
  Namespace(std::uint32_t nsid, NamespaceRecord& record, Media media, ZoneRoom& zones);

  [[nodiscard]] std::uint32_t nsid() const noexcept { return nsid_; }
  [[nodiscard]] std::uint8_t csi() const noexcept { return record_.csi; }
  [[nodiscard]] std::uint64_t blocks() const noexcept { return blocks_; }  ///< NSZE
  [[nodiscard]] std::uint64_t capacity() const noexcept { return record_.capacity; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return record_.bytes; }

  [[nodiscard]] const BlockFormat& format() const noexcept { return format_; }
  [[nodiscard]] std::uint32_t lbaShift() const noexcept { return lbaShift_; }
  [[nodiscard]] std::uint32_t lbaBytes() const noexcept { return 1U << lbaShift_; }
  [[nodiscard]] std::uint32_t metadataBytes() const noexcept { return metadataBytes_; }

  [[nodiscard]] bool attached() const noexcept { return record_.attached != 0; }
  /// Something may stand between a command and the blocks: see checkGuards().
  [[nodiscard]] bool guarded() const noexcept { return reserved_ || writeProtection_ != 0; }
  /// There is a reservation.
  [[nodiscard]] bool reserved() const noexcept { return reserved_; }
  void setReserved(bool reserved) noexcept { reserved_ = reserved; }
  [[nodiscard]] std::uint8_t writeProtection() const noexcept { return writeProtection_; }
  void setWriteProtection(std::uint8_t state) noexcept {
    record_.writeProtection = writeProtection_ = state;
  }
  /// Write Protect Until Power Cycle ends when power returns.
  void endProtectionUntilPowerCycle() noexcept {
    if (writeProtection_ == 2) setWriteProtection(0);
  }
  /// What I/O commands are answered with instead of being executed; success: nothing stands in
  /// their way.
  [[nodiscard]] spec::Status refusal() const noexcept { return refusal_; }
  void refuse(spec::Status why) noexcept { refusal_ = why; }
  [[nodiscard]] const NamespaceRecord& record() const noexcept { return record_; }
  [[nodiscard]] NamespaceRecord& record() noexcept { return record_; }

  [[nodiscard]] Media& media() noexcept { return media_; }
  [[nodiscard]] const Media& media() const noexcept { return media_; }
  [[nodiscard]] WriteCache& cache() noexcept { return cache_; }
  /// A command is going to read or write from this block on, which exists.
  void foresee(std::uint8_t opcode, std::uint64_t slba, unsigned shard) const noexcept {
    if (media_.discards()) return;
    if (opcode == static_cast<std::uint8_t>(spec::NvmOpcode::Read)) {
      media_.foreseeRead((slba << lbaShift_) / Media::kGranule);
    } else if (opcode == static_cast<std::uint8_t>(spec::NvmOpcode::Write) && media_.remaps()) {
      media_.foreseeWrite(cache_.nextPage(shard));
    }
  }
  /// Its zones; null unless it uses the Zoned Namespace Command Set.
  [[nodiscard]] ZonedSpace* zoned() const noexcept { return zoned_.get(); }

  /// All that is cached becomes durable.
  void flush() noexcept;
  /// Most of what is cached is lost; `seed` picks.
  void losePower(std::uint64_t seed) noexcept;
  /// Takes over what the record says, after it was changed.
  void adopt() noexcept;
  /// Loses all content: blocks read as never written.
  void erase() noexcept;

 private:
  std::uint32_t nsid_;
  NamespaceRecord& record_;
  // What commands look at, copied from the record.
  std::uint32_t lbaShift_ = 9;
  std::uint32_t metadataBytes_ = 0;
  std::uint64_t blocks_ = 0;
  BlockFormat format_;
  std::uint8_t writeProtection_ = 0;
  bool reserved_ = false;
  spec::Status refusal_;
  Media media_;
  WriteCache cache_;
  std::unique_ptr<ZonedSpace> zoned_;
};

}  // namespace doorbell::emulator
