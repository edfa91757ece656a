#include "emulator/nvm/reservations.h"

namespace doorbell::emulator {

namespace status = spec::status;
using Type = spec::ReservationType;

namespace {

constexpr bool isType(Type type) {
  return type >= Type::WriteExclusive && type <= Type::ExclusiveAccessAllRegistrants;
}

constexpr bool heldByAll(Type type) {
  return type == Type::WriteExclusiveAllRegistrants || type == Type::ExclusiveAccessAllRegistrants;
}

constexpr bool forRegistrants(Type type) { return type >= Type::WriteExclusiveRegistrantsOnly; }

constexpr bool exclusiveAccess(Type type) {
  return type == Type::ExclusiveAccess || type == Type::ExclusiveAccessRegistrantsOnly ||
         type == Type::ExclusiveAccessAllRegistrants;
}

}  // namespace

std::size_t Reservations::find(const HostIdentity& host) const noexcept {
  for (std::size_t i = 0; i < record_.count; ++i) {
    if (record_.registrants[i].host == host) return i;
  }
  return kNone;
}

std::size_t Reservations::findWithKey(const HostIdentity& host,
                                      std::uint64_t currentKey) const noexcept {
  const std::size_t found = find(host);
  return found != kNone && record_.registrants[found].key == currentKey ? found : kNone;
}

bool Reservations::isHolder(std::size_t registrant) const noexcept {
  if (!reserved() || registrant >= record_.count) return false;
  return heldByAll(static_cast<Type>(record_.type)) || record_.holder == registrant;
}

void Reservations::hold(std::size_t registrant, Type type) noexcept {
  record_.type = static_cast<std::uint8_t>(type);
  record_.holder = static_cast<std::uint8_t>(registrant);
}

/// A reservation goes with its holder; one that all registrants hold, with the last of them.
void Reservations::remove(std::size_t registrant) noexcept {
  const bool alone = record_.count == 1;
  const bool shared = heldByAll(static_cast<Type>(record_.type));
  if (shared ? alone : isHolder(registrant)) hold(0, Type::None);
  for (std::size_t i = registrant + 1; i < record_.count; ++i) {
    record_.registrants[i - 1] = record_.registrants[i];
  }
  record_.registrants[--record_.count] = {};
  if (record_.holder > registrant) --record_.holder;
}

/// Unregisters every host with that key but `except`; how many there were.
std::size_t Reservations::removeKey(std::uint64_t key, const HostIdentity* except) noexcept {
  std::size_t removed = 0;
  for (std::size_t i = record_.count; i-- > 0;) {
    const Registrant& one = record_.registrants[i];
    if (one.key != key || (except != nullptr && one.host == *except)) continue;
    remove(i);
    ++removed;
  }
  return removed;
}

spec::Status Reservations::add(const HostIdentity& host, std::uint64_t key) noexcept {
  if (record_.count == ReservationRecord::kRegistrants) return status::kInternalError;
  record_.registrants[record_.count++] = {.host = host, .key = key};
  ++record_.generation;
  return status::kSuccess;
}

spec::Status Reservations::registerKey(const HostIdentity& host, std::uint64_t key) noexcept {
  const std::size_t found = find(host);
  if (found == kNone) return add(host, key);
  if (record_.registrants[found].key != key) return status::kReservationConflict;
  ++record_.generation;
  return status::kSuccess;
}

spec::Status Reservations::unregister(const HostIdentity& host, std::uint64_t currentKey,
                                      bool ignoreKey) noexcept {
  const std::size_t found = ignoreKey ? find(host) : findWithKey(host, currentKey);
  if (found == kNone) return status::kReservationConflict;
  remove(found);
  ++record_.generation;
  return status::kSuccess;
}

/// With Ignore Existing Key, also for a host that is no registrant yet.
spec::Status Reservations::replaceKey(const HostIdentity& host, std::uint64_t currentKey,
                                      bool ignoreKey, std::uint64_t newKey) noexcept {
  const std::size_t found = ignoreKey ? find(host) : findWithKey(host, currentKey);
  if (found == kNone) return ignoreKey ? add(host, newKey) : status::kReservationConflict;
  record_.registrants[found].key = newKey;
  ++record_.generation;
  return status::kSuccess;
}

spec::Status Reservations::acquire(const HostIdentity& host, std::uint64_t currentKey,
                                   Type type) noexcept {
  if (!isType(type)) return status::kInvalidField;
  const std::size_t found = findWithKey(host, currentKey);
  if (found == kNone) return status::kReservationConflict;
  if (!reserved()) {
    hold(found, type);
    return status::kSuccess;
  }
  const bool again = isHolder(found) && static_cast<Type>(record_.type) == type;
  return again ? status::kSuccess : status::kReservationConflict;
}

spec::Status Reservations::preempt(const HostIdentity& host, std::uint64_t currentKey,
                                   std::uint64_t preemptedKey, Type type) noexcept {
  const std::size_t found = findWithKey(host, currentKey);
  if (found == kNone) return status::kReservationConflict;
  const bool shared = heldByAll(static_cast<Type>(record_.type));
  if (preemptedKey == 0 && !shared) return status::kInvalidField;
  const bool takes =
      reserved() &&
      (shared ? preemptedKey == 0 : record_.registrants[record_.holder].key == preemptedKey);
  if (!takes) {  // registrations only
    if (removeKey(preemptedKey, nullptr) == 0) return status::kReservationConflict;
    ++record_.generation;
    return status::kSuccess;
  }
  if (!isType(type)) return status::kInvalidField;
  if (shared) {
    record_.registrants[0] = record_.registrants[found];
    while (record_.count > 1) remove(record_.count - 1U);
  } else {
    removeKey(preemptedKey, &host);
  }
  hold(find(host), type);
  ++record_.generation;
  return status::kSuccess;
}

spec::Status Reservations::release(const HostIdentity& host, std::uint64_t currentKey,
                                   Type type) noexcept {
  const std::size_t found = findWithKey(host, currentKey);
  if (found == kNone) return status::kReservationConflict;
  if (!isHolder(found)) return status::kSuccess;  // no effect
  if (static_cast<Type>(record_.type) != type) return status::kInvalidField;
  hold(0, Type::None);
  return status::kSuccess;
}

spec::Status Reservations::clear(const HostIdentity& host, std::uint64_t currentKey) noexcept {
  if (findWithKey(host, currentKey) == kNone) return status::kReservationConflict;
  hold(0, Type::None);
  while (record_.count > 0) remove(record_.count - 1U);
  ++record_.generation;
  return status::kSuccess;
}

bool Reservations::allows(const HostIdentity& host, Access access) const noexcept {
  const auto type = static_cast<Type>(record_.type);
  if (type == Type::None || (access == Access::Read && !exclusiveAccess(type))) return true;
  const std::size_t found = find(host);
  return isHolder(found) || (found != kNone && forRegistrants(type));
}

void Reservations::losePower() noexcept {
  if (!persists()) record_ = {};
}

void Reservations::forgetNamelessHost() noexcept {
  for (std::size_t i = record_.count; i-- > 0;) {
    if (record_.registrants[i].host.isZero()) remove(i);
  }
}

}  // namespace doorbell::emulator
