#pragma once

#include <cstddef>
#include <cstdint>

#include "spec/log_page.h"
#include "spec/queue_entry.h"
#include "spec/status.h"

namespace doorbell::emulator {

/// How executing one command ended.
struct Outcome {
  spec::Status status = spec::status::kSuccess;
  std::uint32_t dw0 = 0;
  std::uint32_t dw1 = 0;
  std::uint16_t location = spec::kNoParameterLocation;  ///< Parameter Error Location
  bool held = false;           ///< no completion yet (Asynchronous Event Request)
  std::uint64_t lba = 0;       ///< the block that failed
  std::uint64_t specific = 0;  ///< Command Specific Information of the error log entry
  std::uint64_t dueNs = 0;     ///< completes not before this moment of nowNs(); 0: at once
};

/// Blocks of a namespace; none: `count` is 0.
struct Blocks {
  std::uint32_t nsid = 0;
  std::uint32_t count = 0;
  std::uint64_t slba = 0;
};

[[nodiscard]] constexpr Outcome done(std::uint32_t dw0 = 0) { return {.dw0 = dw0}; }

/// Repeating the command gives the same answer: Do Not Retry.
[[nodiscard]] constexpr Outcome refused(spec::Status status) {
  return {.status = status.withDnr()};
}

/// The same, with the field of the SQE that is wrong.
[[nodiscard]] constexpr Outcome refused(spec::Status status, std::size_t byte, unsigned bit = 0) {
  return {.status = status.withDnr(), .location = static_cast<std::uint16_t>(byte | (bit << 8U))};
}

[[nodiscard]] constexpr Outcome failedAt(spec::Status status, std::uint64_t lba) {
  return {.status = status, .lba = lba};
}

/// What is wrong with the data pointer, if anything.
[[nodiscard]] constexpr Outcome transferred(spec::Status status) {
  if (status.ok()) return done();
  if (status == spec::status::kDataTransferError) return {.status = status};
  return refused(status, offsetof(spec::Sqe, prp1));
}

/// Where the command dwords are in the SQE, for Parameter Error Location.
namespace at {
inline constexpr std::size_t kOpcode = 0;
inline constexpr std::size_t kFlags = 1;
inline constexpr std::size_t kCid = 2;
inline constexpr std::size_t kNsid = 4;
inline constexpr std::size_t kPrp1 = 24;
inline constexpr std::size_t kCdw10 = 40;
inline constexpr std::size_t kCdw11 = 44;
inline constexpr std::size_t kCdw12 = 48;
inline constexpr std::size_t kCdw13 = 52;
inline constexpr std::size_t kCdw14 = 56;
}  // namespace at

}  // namespace doorbell::emulator
