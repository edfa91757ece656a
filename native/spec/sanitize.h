#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace doorbell::spec {

/// Sanitize command, SANACT field of cdw10 (NVMe Base 2.0, "Sanitize command").
enum class SanitizeAction : std::uint8_t {
  ExitFailureMode = 1,
  BlockErase = 2,
  Overwrite = 3,
  CryptoErase = 4,
};

/// The other fields of cdw10.
struct SanitizeOption {
  static constexpr std::uint32_t kUnrestrictedExit = 1U << 3U;  ///< AUSE
  static constexpr std::uint32_t kInvertPattern = 1U << 8U;     ///< OIPBP
  static constexpr std::uint32_t kNoDeallocate = 1U << 9U;      ///< NDAS
};

/// Identify Controller, SANICAP field.
struct SanitizeCapability {
  static constexpr std::uint32_t kCryptoErase = 1U << 0U;
  static constexpr std::uint32_t kBlockErase = 1U << 1U;
  static constexpr std::uint32_t kOverwrite = 1U << 2U;
  static constexpr std::uint32_t kNoDeallocateInhibited = 1U << 29U;
  static constexpr std::uint32_t kMediaNotModified = 1U << 30U;  ///< NODMMAS = 01b
};

/// Sanitize Status log, SSTAT bits 2:0.
enum class SanitizeState : std::uint8_t {
  NeverStarted = 0,
  Completed = 1,
  InProgress = 2,
  Failed = 3,
  CompletedUnexpectedDeallocate = 4,
};

/// Sanitize Status Log Page (LID 81h).
struct SanitizeStatusLog {
  static constexpr std::uint16_t kNotInProgress = 0xffff;
  static constexpr std::uint16_t kGlobalDataErased = 1U << 8U;
  static constexpr std::uint32_t kNoTimeReported = 0xffffffff;

  std::uint16_t progress = kNotInProgress;  ///< SPROG, in 65,536ths
  std::uint16_t status = 0;                 ///< SSTAT
  std::uint32_t cdw10 = 0;                  ///< SCDW10
  std::uint32_t secondsOverwrite = kNoTimeReported;
  std::uint32_t secondsBlockErase = kNoTimeReported;
  std::uint32_t secondsCryptoErase = kNoTimeReported;
  std::uint32_t secondsOverwriteNoDeallocate = kNoTimeReported;
  std::uint32_t secondsBlockEraseNoDeallocate = kNoTimeReported;
  std::uint32_t secondsCryptoEraseNoDeallocate = kNoTimeReported;
  std::array<std::uint8_t, 480> reserved32{};
};
static_assert(sizeof(SanitizeStatusLog) == 512);
static_assert(offsetof(SanitizeStatusLog, secondsCryptoEraseNoDeallocate) == 28);
static_assert(std::is_trivially_copyable_v<SanitizeStatusLog>);

}  // namespace doorbell::spec
