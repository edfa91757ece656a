// Get Log Page: what holds for every page.
#include <algorithm>
#include <array>

#include "emulator/commands.h"
#include "emulator/logs/events.h"
#include "emulator/logs/log_request.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint32_t kOffsetType = 1U << 23U;

const LogRule* ruleOf(spec::LogPageId id) {
  const auto rules = logRules();
  const auto found =
      std::find_if(rules.begin(), rules.end(), [id](const LogRule& rule) { return rule.id == id; });
  return found == rules.end() ? nullptr : &*found;
}

Outcome check(const Command& command, const LogRule& rule, const LogRequest& request) {
  const std::uint32_t nsid = command.sqe.nsid;
  if (rule.perNamespace) {
    if (command.ns == nullptr) {
      return nsid == 0 ? refused(status::kInvalidNamespace, at::kNsid) : refusedNsid(nsid);
    }
  } else if (nsid != 0 && nsid != spec::kBroadcastNsid) {
    return refused(status::kInvalidField, at::kNsid);
  }
  if (request.bytes > HostBuffer::kMaxBytes) return refused(status::kInvalidField, at::kCdw10 + 2);
  if (request.offset % 4 != 0) return refused(status::kInvalidField, at::kCdw12);
  // No page is a list that could be asked for by index.
  if ((command.sqe.cdw14 & kOffsetType) != 0) {
    return refused(status::kInvalidField, at::kCdw14 + 2, 7);
  }
  return done();
}

}  // namespace

LogRequest LogRequest::of(const spec::Sqe& sqe) noexcept {
  const std::uint64_t dwords = ((std::uint64_t{sqe.cdw11} & 0xffffU) << 16U) | (sqe.cdw10 >> 16U);
  return {.id = static_cast<spec::LogPageId>(sqe.cdw10),
          .offset = (std::uint64_t{sqe.cdw13} << 32U) | sqe.cdw12,
          .bytes = (dwords + 1) * 4,
          .parameter = static_cast<std::uint8_t>((sqe.cdw10 >> 8U) & 0x7fU),
          .identifier = static_cast<std::uint16_t>(sqe.cdw11 >> 16U),
          .commandSet = static_cast<std::uint8_t>(sqe.cdw14 >> 24U),
          .retain = ((sqe.cdw10 >> 15U) & 1U) != 0};
}

Outcome sendLogBytes(Command& command, const LogRequest& request,
                     std::span<const std::byte> page) noexcept {
  const auto read = [page](std::uint64_t offset, std::span<std::byte> part) {
    const std::size_t there =
        offset < page.size() ? std::min<std::size_t>(part.size(), page.size() - offset) : 0;
    std::copy_n(page.data() + std::min<std::uint64_t>(offset, page.size()), there, part.data());
    std::fill(part.begin() + static_cast<std::ptrdiff_t>(there), part.end(), std::byte{0});
  };
  return sendLogParts(command, request, page.size(), read);
}

Outcome getLogPage(Command& command) noexcept {
  const LogRequest request = LogRequest::of(command.sqe);
  const LogRule* rule = ruleOf(request.id);
  if (rule == nullptr) return refused(status::kInvalidLogPage, at::kCdw10);
  if (const auto bad = check(command, *rule, request); !bad.status.ok()) return bad;
  const Outcome outcome = rule->read(command, request);
  if (outcome.status.ok() && !request.retain) acknowledgeLog(command.state, request.id);
  return outcome;
}

}  // namespace doorbell::emulator
