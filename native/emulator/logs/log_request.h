#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "emulator/command.h"
#include "spec/log_page.h"

namespace doorbell::emulator {

/// What a Get Log Page command asks for.
struct LogRequest {
  spec::LogPageId id{};
  std::uint64_t offset = 0;  ///< bytes
  std::uint64_t bytes = 0;
  std::uint8_t parameter = 0;    ///< LSP
  std::uint16_t identifier = 0;  ///< LSI
  std::uint8_t commandSet = 0;   ///< CSI
  bool retain = false;           ///< RAE: the events of the page stay masked

  [[nodiscard]] static LogRequest of(const spec::Sqe& sqe) noexcept;
};

/// Sends the part of `page` that was asked for, and zeros where more was asked for than there is;
/// Invalid Field in Command for an offset beyond its end.
[[nodiscard]] Outcome sendLogBytes(Command& command, const LogRequest& request,
                                   std::span<const std::byte> page) noexcept;
template <class Page>
[[nodiscard]] Outcome sendLog(Command& command, const LogRequest& request,
                              const Page& page) noexcept {
  return sendLogBytes(command, request, std::as_bytes(std::span<const Page, 1>(&page, 1)));
}

/// The same of a page that is not in one piece: `read(offset, span)` fills any part of it.
template <class Read>
[[nodiscard]] Outcome sendLogParts(Command& command, const LogRequest& request,
                                   std::uint64_t pageBytes, Read read) noexcept {
  if (request.offset > pageBytes) return refused(spec::status::kInvalidField, at::kCdw12);
  if (const auto bad = command.resolve(request.bytes); !bad.status.ok()) return bad;
  std::array<std::byte, 4096> part;
  for (std::uint64_t sent = 0; sent < request.bytes;) {
    const std::size_t bytes = std::min<std::uint64_t>(part.size(), request.bytes - sent);
    read(request.offset + sent, std::span(part.data(), bytes));
    command.buffer().write(part.data(), bytes);
    sent += bytes;
  }
  return done();
}

/// A log page the drive has. To add one: a function that sends it, and a row in the table.
struct LogRule {
  using Read = Outcome (*)(Command& command, const LogRequest& request) noexcept;

  spec::LogPageId id;
  Read read;
  std::uint16_t parameters = 0;  ///< LID Specific Parameter of the Supported Log Pages log
  bool perNamespace = false;     ///< of the namespace the NSID names; else of the controller
};

[[nodiscard]] std::span<const LogRule> logRules() noexcept;

namespace log {
Outcome supportedLogPages(Command&, const LogRequest&) noexcept;
Outcome errorInformation(Command&, const LogRequest&) noexcept;
Outcome smart(Command&, const LogRequest&) noexcept;
Outcome firmwareSlot(Command&, const LogRequest&) noexcept;
Outcome changedZones(Command&, const LogRequest&) noexcept;
Outcome changedNamespaces(Command&, const LogRequest&) noexcept;
Outcome commandEffects(Command&, const LogRequest&) noexcept;
Outcome selfTest(Command&, const LogRequest&) noexcept;
Outcome sanitizeStatus(Command&, const LogRequest&) noexcept;
Outcome hostTelemetry(Command&, const LogRequest&) noexcept;
Outcome controllerTelemetry(Command&, const LogRequest&) noexcept;
Outcome persistentEvents(Command&, const LogRequest&) noexcept;
Outcome reservationNotification(Command&, const LogRequest&) noexcept;
Outcome featureEffects(Command&, const LogRequest&) noexcept;
Outcome managementEffects(Command&, const LogRequest&) noexcept;
}  // namespace log

}  // namespace doorbell::emulator
