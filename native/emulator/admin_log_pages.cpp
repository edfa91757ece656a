#include <algorithm>
#include <array>
#include <span>

#include "emulator/commands.h"
#include "emulator/log_pages.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint32_t kRetainEvent = 1U << 15U;

struct Request {
  spec::LogPageId id;
  std::uint64_t offset;
  std::uint64_t bytes;
};

Request requestOf(const spec::Sqe& sqe) {
  const std::uint64_t dwords = ((std::uint64_t{sqe.cdw11} & 0xffffU) << 16U) | (sqe.cdw10 >> 16U);
  return {static_cast<spec::LogPageId>(sqe.cdw10), (std::uint64_t{sqe.cdw13} << 32U) | sqe.cdw12,
          (dwords + 1) * 4};
}

Outcome check(const spec::Sqe& sqe, const Request& request, std::size_t pageBytes) {
  if (sqe.nsid != 0 && sqe.nsid != spec::kBroadcastNsid) {
    return refused(status::kInvalidField, at::kNsid);  // every page is about the whole controller
  }
  if (request.bytes > HostBuffer::kMaxBytes) return refused(status::kInvalidField, at::kCdw10 + 2);
  if (request.offset % 4 != 0 || request.offset >= pageBytes) {
    return refused(status::kInvalidField, at::kCdw12);
  }
  return done();
}

/// Reading the page is what lets its events be reported again.
void acknowledge(ControllerState& state, const spec::Sqe& sqe, spec::LogPageId id) {
  if ((sqe.cdw10 & kRetainEvent) != 0) return;
  if (id == spec::LogPageId::ErrorInformation) state.events.unmask(spec::AsyncEventType::Error);
  if (id == spec::LogPageId::SmartHealth) state.events.unmask(spec::AsyncEventType::SmartHealth);
}

/// The page from the offset on, and zeros where more was asked for than there is.
Outcome sendPart(ControllerState& state, const spec::Sqe& sqe, const Request& request,
                 std::span<const std::byte> page) {
  const auto resolved = state.buffer.resolve(sqe, request.bytes, state.pageBytes);
  if (!resolved.ok()) return transferred(resolved);
  const std::size_t there = std::min<std::size_t>(request.bytes, page.size() - request.offset);
  state.buffer.write(page.data() + request.offset, there);
  constexpr std::array<std::byte, 4096> kZeros{};
  for (std::size_t left = request.bytes - there; left > 0;) {
    const std::size_t part = std::min(left, kZeros.size());
    state.buffer.write(kZeros.data(), part);
    left -= part;
  }
  return done();
}

template <class Page>
Outcome send(ControllerState& state, const spec::Sqe& sqe, const Page& page) {
  const Request request = requestOf(sqe);
  if (const auto bad = check(sqe, request, sizeof(page)); !bad.status.ok()) return bad;
  const auto bytes = std::as_bytes(std::span<const Page, 1>(&page, 1));
  const Outcome sent = sendPart(state, sqe, request, bytes);
  if (sent.status.ok()) acknowledge(state, sqe, request.id);
  return sent;
}

}  // namespace

Outcome getLogPage(ControllerState& state, const spec::Sqe& sqe) noexcept {
  switch (requestOf(sqe).id) {
    case spec::LogPageId::SupportedLogPages:
      return send(state, sqe, supportedLogPages());
    case spec::LogPageId::ErrorInformation:
      return send(state, sqe, state.errors.newestFirst());
    case spec::LogPageId::SmartHealth:
      return send(state, sqe, smartLog(state.subsystem, state.features));
    case spec::LogPageId::FirmwareSlot:
      return send(state, sqe, firmwareSlotLog());
    case spec::LogPageId::CommandsSupported:
      return send(state, sqe, commandEffectsLog());
    case spec::LogPageId::FeaturesSupported:
      return send(state, sqe, featuresSupportedLog());
    case spec::LogPageId::ManagementCommandsSupported:
      return send(state, sqe, std::array<std::uint8_t, 4096>{});  // none
    default:
      break;
  }
  return refused(status::kInvalidLogPage, at::kCdw10);
}

}  // namespace doorbell::emulator
