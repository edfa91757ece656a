#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

/// Protection information with a 16-bit guard (NVM Command Set 1.0, "End-to-end Data Protection").
namespace doorbell::spec {

enum class ProtectionType : std::uint8_t { None = 0, Type1 = 1, Type2 = 2, Type3 = 3 };

inline constexpr std::size_t kProtectionBytes = 8;
/// The Application Tag that turns the checks of a block off (type 3: with kEscapeRefTag).
inline constexpr std::uint16_t kEscapeAppTag = 0xffff;
inline constexpr std::uint32_t kEscapeRefTag = 0xffffffff;

/// One block's protection information. In memory its fields are big-endian.
struct ProtectionTuple {
  std::uint16_t guard = 0;
  std::uint16_t appTag = 0;
  std::uint32_t refTag = 0;
  friend constexpr bool operator==(const ProtectionTuple&, const ProtectionTuple&) = default;
};

[[nodiscard]] ProtectionTuple loadProtection(const std::byte* at) noexcept;
void storeProtection(std::byte* at, const ProtectionTuple& tuple) noexcept;

/// How a namespace is formatted for protection: Identify Namespace DPS and the LBA format's MS.
struct ProtectionLayout {
  ProtectionType type = ProtectionType::None;
  bool first = false;  ///< PI is in the first bytes of the metadata, else in the last
  std::uint16_t metadataBytes = 0;

  [[nodiscard]] constexpr bool enabled() const { return type != ProtectionType::None; }
  /// Where in the metadata the tuple is.
  [[nodiscard]] constexpr std::size_t offset() const {
    return first ? 0 : metadataBytes - kProtectionBytes;
  }
  /// The reference tag of the block `index` blocks after the one whose tag is `initial`.
  [[nodiscard]] constexpr std::uint32_t refTag(std::uint32_t initial, std::uint32_t index) const {
    return type == ProtectionType::Type3 ? initial : initial + index;
  }
};

/// The PRINFO field: PRACT and PRCHK. In cdw12 of most commands it is bits 29:26.
struct ProtectionInfoField {
  static constexpr std::uint8_t kRefTag = 1U << 0U;
  static constexpr std::uint8_t kAppTag = 1U << 1U;
  static constexpr std::uint8_t kGuard = 1U << 2U;
  static constexpr std::uint8_t kAction = 1U << 3U;

  std::uint8_t bits = 0;

  [[nodiscard]] static constexpr ProtectionInfoField ofCdw12(std::uint32_t cdw12) {
    return {static_cast<std::uint8_t>((cdw12 >> 26U) & 0x0fU)};
  }
  [[nodiscard]] constexpr bool action() const { return (bits & kAction) != 0; }
  [[nodiscard]] constexpr std::uint8_t checks() const { return bits & 0x07U; }
  [[nodiscard]] constexpr bool checksRefTag() const { return (bits & kRefTag) != 0; }
};

/// What one block's protection information is compared with.
struct ProtectionExpectation {
  std::uint8_t checks = 0;  ///< PRCHK: kGuard, kAppTag, kRefTag
  std::uint16_t appTag = 0;
  std::uint16_t appTagMask = 0;  ///< bits of the Application Tag that count
  std::uint32_t refTag = 0;
};

enum class ProtectionFault : std::uint8_t { None, Guard, AppTag, RefTag };

/// The Guard of one block: over its data and, where the PI is last, the metadata before it.
[[nodiscard]] std::uint16_t guardOf(const ProtectionLayout& layout, std::span<const std::byte> data,
                                    const std::byte* metadata) noexcept;

/// True when these tags turn all checks off.
[[nodiscard]] constexpr bool isEscaped(ProtectionType type, const ProtectionTuple& tuple) {
  if (tuple.appTag != kEscapeAppTag) return false;
  return type != ProtectionType::Type3 || tuple.refTag == kEscapeRefTag;
}

/// The first check that fails: guard, then Application Tag, then reference tag.
[[nodiscard]] ProtectionFault checkProtection(const ProtectionLayout& layout,
                                              const ProtectionExpectation& expected,
                                              std::span<const std::byte> data,
                                              const std::byte* metadata) noexcept;

/// Puts the tuple of one block into its metadata: the guard is computed.
void insertProtection(const ProtectionLayout& layout, std::uint16_t appTag, std::uint32_t refTag,
                      std::span<const std::byte> data, std::byte* metadata) noexcept;

}  // namespace doorbell::spec
