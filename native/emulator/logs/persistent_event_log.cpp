#include "emulator/logs/persistent_event_log.h"

#include <algorithm>
#include <cstring>

namespace doorbell::emulator {

using Header = spec::PersistentEventHeader;

std::uint32_t PersistentEventLog::sizeAt(std::uint32_t offset) const noexcept {
  Header header;
  std::memcpy(&header, store_.data.data() + offset, sizeof(header));
  return static_cast<std::uint32_t>(sizeof(Header)) + header.eventBytes;
}

void PersistentEventLog::dropOldest() noexcept {
  const std::uint32_t bytes = sizeAt(0);
  std::memmove(store_.data.data(), store_.data.data() + bytes, store_.used - bytes);
  store_.used -= bytes;
  --store_.events;
}

void PersistentEventLog::add(spec::PersistentEventType type, std::uint64_t timestamp,
                             std::span<const std::byte> data) noexcept {
  Header header;
  header.type = type;
  header.additionalInfo = Header::kNoPort;
  header.controllerId = 1;
  header.timestamp = timestamp;
  header.eventBytes = static_cast<std::uint16_t>(data.size());
  const auto bytes = static_cast<std::uint32_t>(sizeof(header) + data.size());
  while (PersistentEventStore::kBytes - store_.used < bytes) dropOldest();
  std::memcpy(store_.data.data() + store_.used, &header, sizeof(header));
  std::memcpy(store_.data.data() + store_.used + sizeof(header), data.data(), data.size());
  store_.used += bytes;
  ++store_.events;
}

/// Newest first: copied from the oldest on, each in front of the one before.
void PersistentEventLog::establish(const spec::PersistentEventLogHeader& header) noexcept {
  header_ = header;
  header_.events = store_.events;
  header_.bytes = sizeof(header_) + store_.used;
  header_.generation = ++store_.generation;
  for (std::uint8_t type = 1; type <= 0x0d; ++type) {
    header_.supportedEvents[type / 8U] |= static_cast<std::uint8_t>(1U << (type % 8U));
  }
  std::uint32_t room = store_.used;
  for (std::uint32_t at = 0; at < store_.used;) {
    const std::uint32_t bytes = sizeAt(at);
    room -= bytes;
    std::memcpy(snapshot_.data() + room, store_.data.data() + at, bytes);
    at += bytes;
  }
  established_ = true;
}

void PersistentEventLog::read(std::uint64_t offset, std::span<std::byte> target) const noexcept {
  std::memset(target.data(), 0, target.size());
  const auto copy = [&](std::uint64_t begin, std::uint64_t end, const void* from) {
    const std::uint64_t first = std::max(begin, offset);
    const std::uint64_t last = std::min(end, offset + target.size());
    if (first >= last) return;
    std::memcpy(target.data() + (first - offset),
                static_cast<const std::byte*>(from) + (first - begin), last - first);
  };
  copy(0, sizeof(header_), &header_);
  copy(sizeof(header_), header_.bytes, snapshot_.data());
}

}  // namespace doorbell::emulator
