#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace doorbell::spec {

/// Device Self-test command, STC field of cdw10 (NVMe Base 2.0, "Device Self-test command").
enum class SelfTestCode : std::uint8_t { None = 0, Short = 1, Extended = 2, Abort = 0xf };

/// Bits 3:0 of the Device Self-test Status field of a result.
enum class SelfTestOutcome : std::uint8_t {
  Completed = 0,
  AbortedByCommand = 1,
  AbortedByReset = 2,
  AbortedByNamespaceRemoval = 3,
  AbortedByFormat = 4,
  FatalError = 5,
  FailedUnknownSegment = 6,
  FailedSegment = 7,
  AbortedUnknown = 8,
  AbortedBySanitize = 9,
  Empty = 0xf,
};

/// Self-test Result Data Structure. Packed: the specification aligns nothing in it.
struct [[gnu::packed]] SelfTestResult {
  static constexpr std::uint8_t kNsidValid = 1U << 0U;
  static constexpr std::uint8_t kLbaValid = 1U << 1U;
  static constexpr std::uint8_t kStatusTypeValid = 1U << 2U;
  static constexpr std::uint8_t kStatusCodeValid = 1U << 3U;

  std::uint8_t status = 0x0f;  ///< Self-test Code (7:4), SelfTestOutcome (3:0)
  std::uint8_t segment = 0;
  std::uint8_t valid = 0;  ///< Valid Diagnostic Information
  std::uint8_t reserved3 = 0;
  std::uint64_t powerOnHours = 0;
  std::uint32_t nsid = 0;
  std::uint64_t failingLba = 0;
  std::uint8_t statusType = 0;
  std::uint8_t statusCode = 0;
  std::uint16_t vendorSpecific = 0;
};
static_assert(sizeof(SelfTestResult) == 28 && offsetof(SelfTestResult, failingLba) == 16);

/// Device Self-test Log Page (LID 06h).
struct SelfTestLog {
  static constexpr std::size_t kResults = 20;

  std::uint8_t operation = 0;   ///< Current Device Self-Test Operation: a SelfTestCode
  std::uint8_t completion = 0;  ///< Current Device Self-Test Completion, in percent
  std::array<std::uint8_t, 2> reserved2{};
  std::array<SelfTestResult, kResults> results{};  ///< newest first
};
static_assert(sizeof(SelfTestLog) == 564 && std::is_trivially_copyable_v<SelfTestLog>);

}  // namespace doorbell::spec
