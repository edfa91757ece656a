#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

/// Reservations (NVMe Base 2.0, "Reservations"): fields and data structures of their commands.
namespace doorbell::spec {

enum class ReservationType : std::uint8_t {
  None = 0,
  WriteExclusive = 1,
  ExclusiveAccess = 2,
  WriteExclusiveRegistrantsOnly = 3,
  ExclusiveAccessRegistrantsOnly = 4,
  WriteExclusiveAllRegistrants = 5,
  ExclusiveAccessAllRegistrants = 6,
};

enum class RegisterAction : std::uint8_t { Register = 0, Unregister = 1, Replace = 2 };
enum class AcquireAction : std::uint8_t { Acquire = 0, Preempt = 1, PreemptAndAbort = 2 };
enum class ReleaseAction : std::uint8_t { Release = 0, Clear = 1 };

/// Change Persist Through Power Loss State.
enum class ChangePtpl : std::uint8_t { No = 0, Clear = 2, Set = 3 };

/// Data of Reservation Register: current and new key; of Reservation Acquire: current and preempted
/// key; Reservation Release has the first only.
struct ReservationKeys {
  std::uint64_t current = 0;
  std::uint64_t other = 0;
};
static_assert(sizeof(ReservationKeys) == 16);

/// Reservation Status Data Structure: what Reservation Report returns before the controllers.
struct [[gnu::packed]] ReservationStatus {
  std::uint32_t generation = 0;
  std::uint8_t type = 0;
  std::uint16_t registered = 0;  ///< controllers that follow
  std::array<std::uint8_t, 2> reserved7{};
  std::uint8_t persistThroughPowerLoss = 0;
  std::array<std::uint8_t, 14> reserved10{};
};
static_assert(sizeof(ReservationStatus) == 24);
static_assert(offsetof(ReservationStatus, persistThroughPowerLoss) == 9);

/// What precedes the controllers in the extended data structure.
inline constexpr std::size_t kExtendedReservationStatusBytes = 64;

struct RegisteredController {
  std::uint16_t controllerId = 0;
  std::uint8_t status = 0;  ///< RCSTS bit 0: holds the reservation
  std::array<std::uint8_t, 5> reserved3{};
  std::uint64_t hostId = 0;
  std::uint64_t key = 0;
};
static_assert(sizeof(RegisteredController) == 24 && offsetof(RegisteredController, key) == 16);

struct RegisteredControllerExtended {
  std::uint16_t controllerId = 0;
  std::uint8_t status = 0;  ///< RCSTS bit 0: holds the reservation
  std::array<std::uint8_t, 5> reserved3{};
  std::uint64_t key = 0;
  std::array<std::uint8_t, 16> hostId{};
  std::array<std::uint8_t, 32> reserved32{};
};
static_assert(sizeof(RegisteredControllerExtended) == 64);
static_assert(offsetof(RegisteredControllerExtended, hostId) == 16);

/// The Controller ID of a registrant that no controller is associated with.
inline constexpr std::uint16_t kNoController = 0xffff;

/// RESCAP of Identify Namespace: Persist Through Power Loss, the six types, and that Ignore
/// Existing Key has the meaning of NVMe 1.3 and later.
inline constexpr std::uint8_t kReservationCapabilities = 0xff;

}  // namespace doorbell::spec
