#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "emulator/block_format.h"
#include "emulator/counters.h"
#include "emulator/limits.h"

namespace doorbell::emulator {

/// Saved values of a feature (Set Features with SV).
struct SavedFeature {
  std::uint32_t value = 0;
  std::uint32_t valid = 0;
};

/// Rooms of the persistent memory, each its owner's alone. All zeros on an SSD never used.
enum class Section : std::uint8_t {
  Namespaces,
  Features,
  Firmware,
  Sanitize,
  SelfTest,
  EventLog,
  Telemetry,
  Reservations,
  Flash,
  Zones,
  Admin,  ///< Vital Product Data
  Count,
};

/// How large each is. Changing one changes where the next begin: raise PersistentState::kVersion.
inline constexpr std::array<std::uint32_t, static_cast<std::size_t>(Section::Count)> kSectionBytes{
    16U << 10U,   // Namespaces
    16U << 10U,   // Features
    64U << 10U,   // Firmware
    4U << 10U,    // Sanitize
    4U << 10U,    // SelfTest
    256U << 10U,  // EventLog
    128U << 10U,  // Telemetry
    64U << 10U,   // Reservations
    64U << 10U,   // Flash
    2U << 20U,    // Zones
    16U << 10U,   // Admin
};

/// What the SSD keeps without power, besides the medium: this header, the sections, then what each
/// namespace has beside its blocks. Mapped from a file next to the media file, or memory of this
/// process. Shards write their own counters; the rest changes between commands only.
struct PersistentState {
  static constexpr std::uint64_t kMagic = 0x31305453534d4544ULL;  // "DEMSST01"
  static constexpr std::uint32_t kVersion = 4;
  static constexpr std::uint64_t kHeaderBytes = 4096;

  std::uint64_t magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t made = 0;     ///< the namespaces it came with: how many
  std::uint64_t bytes = 0;    ///< total NVM capacity
  std::int32_t holder = 0;    ///< pid of the process that holds the lock
  std::uint32_t powered = 0;  ///< still 1 after the holder was killed: an unsafe shutdown
  Counters counters;
  std::array<SavedFeature, 32> features;
  std::array<IoCounters, kMaxShards> io;
  std::array<BlockFormat, kMaxNamespaces> madeFormats{};  ///< what they came with

  [[nodiscard]] static constexpr std::uint64_t offsetOf(Section section) noexcept {
    std::uint64_t offset = kHeaderBytes;
    for (std::size_t i = 0; i < static_cast<std::size_t>(section); ++i) offset += kSectionBytes[i];
    return offset;
  }
  /// Header and sections.
  static constexpr std::uint64_t bytesOfAll() noexcept { return offsetOf(Section::Count); }

  /// The section as its owner sees it. `T` must be fine with all zeros.
  template <class T, Section kSection>
  [[nodiscard]] T& section() noexcept {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 4096);
    static_assert(sizeof(T) <= kSectionBytes[static_cast<std::size_t>(kSection)]);
    return *reinterpret_cast<T*>(reinterpret_cast<std::byte*>(this) + offsetOf(kSection));
  }
};
static_assert(sizeof(PersistentState) <= PersistentState::kHeaderBytes);
static_assert(std::is_trivially_copyable_v<PersistentState>);
static_assert(PersistentState::bytesOfAll() % 4096 == 0);

}  // namespace doorbell::emulator
