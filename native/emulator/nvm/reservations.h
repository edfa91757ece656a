#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "spec/reservation.h"
#include "spec/status.h"

namespace doorbell::emulator {

/// The Host Identifier of the host that a controller is associated with.
struct HostIdentity {
  std::array<std::uint8_t, 16> id{};  ///< of 64 bits: the first eight bytes
  std::uint8_t extended = 0;          ///< 1: of 128 bits

  [[nodiscard]] bool isZero() const noexcept { return id == std::array<std::uint8_t, 16>{}; }
  friend bool operator==(const HostIdentity&, const HostIdentity&) = default;
};

struct Registrant {
  HostIdentity host;
  std::array<std::uint8_t, 7> reserved{};
  std::uint64_t key = 0;
};
static_assert(sizeof(Registrant) == 32);

/// A namespace's reservation and its registrants, as kept without power. All zero: none.
struct ReservationRecord {
  static constexpr std::size_t kRegistrants = 15;

  std::uint32_t generation = 0;
  std::uint8_t type = 0;  ///< spec::ReservationType; 0: not reserved
  std::uint8_t persists = 0;
  std::uint8_t holder = 0;  ///< index; without meaning where all registrants hold it
  std::uint8_t count = 0;
  std::array<std::uint8_t, 24> reserved{};
  std::array<Registrant, kRegistrants> registrants{};
};
static_assert(sizeof(ReservationRecord) == 512);
static_assert(std::is_trivially_copyable_v<ReservationRecord>);

/// What a command does to a namespace, to the reservation (NVMe Base 2.0, "Command Behavior in the
/// Presence of a Reservation").
enum class Access : std::uint8_t { Read, Write };

/// The rules of reservations on one namespace: who is registered, who holds it, who may pass.
/// Nothing here knows of commands or controllers.
class Reservations {
 public:
  explicit Reservations(ReservationRecord& record) noexcept : record_(record) {}

  spec::Status registerKey(const HostIdentity& host, std::uint64_t key) noexcept;
  spec::Status unregister(const HostIdentity& host, std::uint64_t currentKey,
                          bool ignoreKey) noexcept;
  spec::Status replaceKey(const HostIdentity& host, std::uint64_t currentKey, bool ignoreKey,
                          std::uint64_t newKey) noexcept;
  spec::Status acquire(const HostIdentity& host, std::uint64_t currentKey,
                       spec::ReservationType type) noexcept;
  /// Also Preempt and Abort: what to abort is the caller's to know.
  spec::Status preempt(const HostIdentity& host, std::uint64_t currentKey,
                       std::uint64_t preemptedKey, spec::ReservationType type) noexcept;
  spec::Status release(const HostIdentity& host, std::uint64_t currentKey,
                       spec::ReservationType type) noexcept;
  spec::Status clear(const HostIdentity& host, std::uint64_t currentKey) noexcept;

  /// False: Reservation Conflict.
  [[nodiscard]] bool allows(const HostIdentity& host, Access access) const noexcept;
  [[nodiscard]] bool reserved() const noexcept { return record_.type != 0; }
  [[nodiscard]] bool isHolder(std::size_t registrant) const noexcept;
  [[nodiscard]] const ReservationRecord& record() const noexcept { return record_; }

  [[nodiscard]] bool persists() const noexcept { return record_.persists != 0; }
  void setPersists(bool persists) noexcept { record_.persists = persists ? 1 : 0; }

  /// Without Persist Through Power Loss, all of it goes with the power.
  void losePower() noexcept;
  /// The namespace is deleted.
  void end() noexcept { record_ = {}; }
  /// A host of identifier 0 is another host after a Controller Level Reset.
  void forgetNamelessHost() noexcept;

 private:
  static constexpr std::size_t kNone = ReservationRecord::kRegistrants;

  [[nodiscard]] std::size_t find(const HostIdentity& host) const noexcept;
  /// The host's registrant when its key is `currentKey`; else kNone, which is a conflict.
  [[nodiscard]] std::size_t findWithKey(const HostIdentity& host,
                                        std::uint64_t currentKey) const noexcept;
  spec::Status add(const HostIdentity& host, std::uint64_t key) noexcept;
  void remove(std::size_t registrant) noexcept;
  std::size_t removeKey(std::uint64_t key, const HostIdentity* except) noexcept;
  void hold(std::size_t registrant, spec::ReservationType type) noexcept;

  ReservationRecord& record_;
};

}  // namespace doorbell::emulator
