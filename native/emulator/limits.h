#pragma once

#include <cstdint>

/// What this controller offers, where more than one part must know.
namespace doorbell::emulator {

inline constexpr std::uint16_t kIoQueues = 64;               ///< I/O SQs, and as many CQs
inline constexpr std::uint16_t kQueues = kIoQueues + 1;      ///< with the admin queue
inline constexpr std::uint32_t kMaxQueueEntries = 1024;      ///< CAP.MQES + 1
inline constexpr std::uint16_t kInterruptVectors = kQueues;  ///< MSI-X table size
inline constexpr std::uint32_t kAsyncEventLimit = 4;         ///< AERL + 1
inline constexpr std::uint32_t kAbortLimit = 4;              ///< ACL + 1
inline constexpr std::uint32_t kErrorLogEntries = 64;        ///< ELPE + 1
inline constexpr std::uint16_t kControllerId = 1;            ///< CNTLID
inline constexpr std::uint32_t kMaxNamespaces = 32;          ///< NN: NSIDs 1..32
inline constexpr unsigned kMaxShards = 4;                    ///< device threads
inline constexpr std::uint8_t kMpsMax = 4;                   ///< CAP.MPSMAX: 64 KiB pages
inline constexpr std::uint8_t kPowerStates = 5;              ///< NPSS + 1
inline constexpr std::uint32_t kDefaultReadRecoveryLevel = 4;
inline constexpr std::uint16_t kReadRecoveryLevels = 0x8010;  ///< RRLS: 4 and 15 (Fast Fail)
inline constexpr std::uint16_t kTemperatureKelvin = 313;
inline constexpr std::uint16_t kWarningTemperatureKelvin = 343;
inline constexpr std::uint16_t kCriticalTemperatureKelvin = 353;

}  // namespace doorbell::emulator
