#include "spec/protection_information.h"

#include "spec/crc16_t10.h"

namespace doorbell::spec {

ProtectionTuple loadProtection(const std::byte* at) noexcept {
  ProtectionTuple tuple;
  std::memcpy(&tuple.guard, at, 2);
  std::memcpy(&tuple.appTag, at + 2, 2);
  std::memcpy(&tuple.refTag, at + 4, 4);
  return {__builtin_bswap16(tuple.guard), __builtin_bswap16(tuple.appTag),
          __builtin_bswap32(tuple.refTag)};
}

void storeProtection(std::byte* at, const ProtectionTuple& tuple) noexcept {
  const std::uint16_t guard = __builtin_bswap16(tuple.guard);
  const std::uint16_t appTag = __builtin_bswap16(tuple.appTag);
  const std::uint32_t refTag = __builtin_bswap32(tuple.refTag);
  std::memcpy(at, &guard, 2);
  std::memcpy(at + 2, &appTag, 2);
  std::memcpy(at + 4, &refTag, 4);
}

std::uint16_t guardOf(const ProtectionLayout& layout, std::span<const std::byte> data,
                      const std::byte* metadata) noexcept {
  const std::uint16_t guard = crc16T10(data);
  return layout.offset() == 0 ? guard : crc16T10({metadata, layout.offset()}, guard);
}

ProtectionFault checkProtection(const ProtectionLayout& layout,
                                const ProtectionExpectation& expected,
                                std::span<const std::byte> data,
                                const std::byte* metadata) noexcept {
  using Field = ProtectionInfoField;
  const ProtectionTuple tuple = loadProtection(metadata + layout.offset());
  if (isEscaped(layout.type, tuple)) return ProtectionFault::None;
  if ((expected.checks & Field::kGuard) != 0 && tuple.guard != guardOf(layout, data, metadata)) {
    return ProtectionFault::Guard;
  }
  if ((expected.checks & Field::kAppTag) != 0 &&
      ((tuple.appTag ^ expected.appTag) & expected.appTagMask) != 0) {
    return ProtectionFault::AppTag;
  }
  if ((expected.checks & Field::kRefTag) != 0 && tuple.refTag != expected.refTag) {
    return ProtectionFault::RefTag;
  }
  return ProtectionFault::None;
}

void insertProtection(const ProtectionLayout& layout, std::uint16_t appTag, std::uint32_t refTag,
                      std::span<const std::byte> data, std::byte* metadata) noexcept {
  storeProtection(metadata + layout.offset(), {guardOf(layout, data, metadata), appTag, refTag});
}

}  // namespace doorbell::spec
