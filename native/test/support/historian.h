#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

#include "spec/persistent_event.h"
#include "test/support/faulty_host.h"
#include "test/support/firmware.h"

namespace doorbell::test {

/// An event of the Persistent Event Log.
struct Event {
  spec::PersistentEventType type{};
  std::vector<std::byte> data;
  template <class T>
  [[nodiscard]] T as() const {
    REQUIRE(data.size() == sizeof(T));
    T value;
    std::memcpy(static_cast<void*>(&value), data.data(), sizeof(value));
    return value;
  }
};

/// A host that reads the Persistent Event Log.
struct Historian : FaultyHost {
  explicit Historian(const std::string& options = "size=64M") : FaultyHost(options) {}

  spec::Cqe part(spec::PersistentEventAction action, std::uint32_t bytes) {
    auto command = sqe(spec::AdminOpcode::GetLogPage);
    command.prp1 = data.bus();
    command.prp2 = data.bus() + 4096;
    const std::uint32_t lsp = static_cast<std::uint32_t>(action) << 8U;
    command.cdw10 = static_cast<std::uint32_t>(spec::LogPageId::PersistentEventLog) | lsp |
                    ((bytes / 4 - 1) << 16U);
    return adminCommand(command);
  }

  /// Events, newest first: those that fit two pages.
  std::vector<Event> events() {
    part(spec::PersistentEventAction::Release, 512);
    REQUIRE(part(spec::PersistentEventAction::Establish, 8192).status() == 0);
    const auto count = data.as<spec::PersistentEventLogHeader>().events;
    std::vector<Event> found;
    for (std::size_t at = 512; found.size() < count && at + 24 <= 8192;) {
      const auto header = data.as<spec::PersistentEventHeader>(at);
      if (at + 24 + header.eventBytes > 8192) break;
      Event event{header.type, std::vector<std::byte>(header.eventBytes)};
      std::memcpy(event.data.data(), data.data() + at + 24, header.eventBytes);
      found.push_back(std::move(event));
      at += 24 + header.eventBytes;
    }
    return found;
  }
  Event newest() { return events().at(0); }

  void download(std::string_view revision) {
    const auto image = firmwareImage(revision, emulator::Activation::ControllerReset);
    std::memcpy(data.data(), image.data(), image.size());
    auto command = sqe(spec::AdminOpcode::FirmwareImageDownload);
    command.prp1 = data.bus();
    command.prp2 = data.bus() + 4096;
    command.cdw10 = static_cast<std::uint32_t>(image.size() / 4 - 1);
    REQUIRE(adminCommand(command).status() == 0);
  }
  spec::Sqe commit(std::uint32_t cdw10) const {
    auto command = sqe(spec::AdminOpcode::FirmwareCommit);
    command.cdw10 = cdw10;
    return command;
  }
  std::string inSlot2() {
    logPage(spec::LogPageId::FirmwareSlot, 512);
    const auto field = data.as<spec::FirmwareSlotLog>().revisions[1];
    return {field.data(), strnlen(field.data(), field.size())};
  }
};

inline spec::Sqe formatSqe() {
  auto command = TestHost::sqe(spec::AdminOpcode::FormatNvm);
  command.nsid = 1;
  command.cdw10 = 1U << 9U;
  return command;
}

}  // namespace doorbell::test
