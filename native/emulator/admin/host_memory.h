#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "emulator/iova_table.h"
#include "spec/log_page.h"
#include "spec/status.h"

namespace doorbell::emulator {

/// Host Memory Buffer Attributes Data Structure.
struct HostMemoryAttributes {
  std::uint32_t pages = 0;  ///< HSIZE, in memory pages
  std::uint32_t listLow = 0;
  std::uint32_t listHigh = 0;
  std::uint32_t entries = 0;  ///< HMDLEC
  std::array<std::uint8_t, 4080> reserved16{};
};
static_assert(sizeof(HostMemoryAttributes) == 4096);

/// The Host Memory Buffer (NVMe Base 2.0, "Host Memory Buffer"). The controller keeps a longer
/// history of failed commands there than the Error Information log has: a header, then a ring of
/// entries. Nothing depends on it: content that the host spoiled is begun anew.
class HostMemory {
 public:
  static constexpr std::uint32_t kPreferred = 64;   ///< HMPRE, in 4 KiB
  static constexpr std::uint32_t kMinimum = 4;      ///< HMMIN, in 4 KiB
  static constexpr std::uint16_t kMaxEntries = 16;  ///< HMMAXD

  struct Header {
    static constexpr std::uint64_t kMagic = 0x424d485244454d45ULL;

    std::uint64_t magic = kMagic;
    std::uint64_t allocation = 0;  ///< tells memory that was returned from any other
    std::uint64_t entries = 0;     ///< ever written
    std::array<std::uint8_t, 40> reserved24{};
  };
  static_assert(sizeof(Header) == sizeof(spec::ErrorLogEntry));

  explicit HostMemory(const IovaTable& dma) noexcept : dma_(dma) {}

  /// `returned`: what the controller had there when it was last disabled is to be there still.
  /// Within an IovaTable::Pass, as everything that follows.
  spec::Status enable(const HostMemoryAttributes& attributes, std::uint32_t pageBytes,
                      bool returned) noexcept;
  void disable() noexcept { count_ = 0; }
  [[nodiscard]] bool enabled() const noexcept { return count_ != 0; }
  [[nodiscard]] const HostMemoryAttributes& attributes() const noexcept { return attributes_; }

  /// Of a command that failed.
  void add(const spec::ErrorLogEntry& entry) noexcept;

 private:
  struct Segment {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
  };

  /// The 64 bytes of a slot, which never cross a page; null when the host took the memory away.
  [[nodiscard]] std::byte* slot(std::uint64_t index) const noexcept;
  [[nodiscard]] spec::Status readList(std::uint64_t list, std::uint32_t entries,
                                      std::uint32_t pageBytes) noexcept;

  const IovaTable& dma_;
  std::array<Segment, kMaxEntries> segments_{};
  std::uint32_t count_ = 0;
  std::uint64_t slots_ = 0;
  std::uint64_t allocations_ = 0;
  Header header_;
  HostMemoryAttributes attributes_;
};

}  // namespace doorbell::emulator
