#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "spec/persistent_event.h"

namespace doorbell::emulator {

/// The events as the SSD keeps them without power: encoded, oldest first. All zeros is empty.
struct PersistentEventStore {
  static constexpr std::uint32_t kBytes = 192U << 10U;

  std::uint32_t used = 0;
  std::uint32_t events = 0;
  std::uint16_t generation = 0;
  std::uint16_t reserved = 0;
  std::uint32_t unsafeShutdowns = 0;  ///< of which there are events
  std::array<std::byte, kBytes> data{};
};

/// The Persistent Event Log (NVMe Base 2.0, "Persistent Event Log"). What the host reads is the log
/// as it was when its reporting context was established; events go on being recorded meanwhile.
class PersistentEventLog {
 public:
  /// PELS, in units of 64 KiB.
  static constexpr std::uint32_t kUnits = 4;

  explicit PersistentEventLog(PersistentEventStore& store) noexcept : store_(store) {}

  /// `timestamp` as the Timestamp feature has it. The oldest events go when room is needed.
  void add(spec::PersistentEventType type, std::uint64_t timestamp,
           std::span<const std::byte> data) noexcept;
  template <class Data>
  void record(spec::PersistentEventType type, std::uint64_t timestamp, const Data& data) noexcept {
    add(type, timestamp, std::as_bytes(std::span<const Data, 1>(&data, 1)));
  }

  [[nodiscard]] bool established() const noexcept { return established_; }
  /// `header` without what the log itself knows.
  void establish(const spec::PersistentEventLogHeader& header) noexcept;
  /// RCI: what the header says of the context.
  void setReportingContext(std::uint32_t value) noexcept { header_.reportingContext = value; }
  /// Also what a Controller Level Reset does.
  void release() noexcept { established_ = false; }

  /// Bytes of the log page in the reporting context.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return header_.bytes; }
  /// Copies the log page from `offset` on, newest event first, zeros after its end.
  void read(std::uint64_t offset, std::span<std::byte> target) const noexcept;

  /// Whether there were unsafe shutdowns since the last call, without power in between too.
  [[nodiscard]] bool noteUnsafeShutdowns(std::uint64_t count) noexcept {
    return std::exchange(store_.unsafeShutdowns, static_cast<std::uint32_t>(count)) !=
           static_cast<std::uint32_t>(count);
  }

  [[nodiscard]] std::uint32_t events() const noexcept { return store_.events; }

 private:
  void dropOldest() noexcept;
  [[nodiscard]] std::uint32_t sizeAt(std::uint32_t offset) const noexcept;

  PersistentEventStore& store_;
  spec::PersistentEventLogHeader header_;
  bool established_ = false;
  std::array<std::byte, PersistentEventStore::kBytes> snapshot_{};
};

}  // namespace doorbell::emulator
