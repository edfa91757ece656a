#include <algorithm>
#include <array>

#include "emulator/commands.h"
#include "emulator/nvm/block_range.h"
#include "emulator/zns/zoned_commands.h"
#include "emulator/zns/zoned_space.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint32_t kPartial = 1U << 16U;

struct Report {
  std::uint32_t first = 0;  ///< zone
  spec::ZoneReportFilter filter{};
  bool extended = false;
  bool partial = false;
  std::uint64_t bytes = 0;  ///< the host wants

  [[nodiscard]] std::size_t entryBytes(const ZoneGeometry& geometry) const {
    return sizeof(spec::ZoneDescriptor) + (extended ? geometry.extensionBytes() : 0);
  }
};

/// The host's memory, filled front to back.
class Page {
 public:
  Page(HostBuffer& buffer, std::uint64_t bytes) : buffer_(buffer), left_(bytes) {}
  void put(const void* from, std::size_t bytes) noexcept {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, left_));
    buffer_.write(static_cast<const std::byte*>(from), part);
    left_ -= part;
  }
  [[nodiscard]] bool fits(std::size_t bytes) const noexcept { return bytes <= left_; }
  void zeroRest() noexcept {
    constexpr std::array<std::byte, 4096> kZeros{};
    while (left_ != 0) put(kZeros.data(), kZeros.size());
  }

 private:
  HostBuffer& buffer_;
  std::uint64_t left_;
};

/// Zones that match, from the first one on; of a partial report only those that fit.
std::uint64_t countOf(const ZoneTable& table, const Report& report) noexcept {
  std::uint64_t count = 0;
  for (std::uint32_t zone = report.first; zone < table.geometry().zones; ++zone) {
    if (table.matches(zone, report.filter)) ++count;
  }
  if (!report.partial) return count;
  const std::uint64_t header = sizeof(spec::ZoneReportHeader);
  const std::uint64_t room = report.bytes > header ? report.bytes - header : 0;
  return std::min(count, room / report.entryBytes(table.geometry()));
}

void write(HostBuffer& buffer, const ZoneTable& table, const Report& report) noexcept {
  Page page(buffer, report.bytes);
  const spec::ZoneReportHeader header{.zones = countOf(table, report)};
  page.put(&header, sizeof(header));
  for (std::uint32_t zone = report.first; zone < table.geometry().zones; ++zone) {
    if (!page.fits(report.entryBytes(table.geometry()))) break;
    if (!table.matches(zone, report.filter)) continue;
    const spec::ZoneDescriptor descriptor = table.describe(zone);
    page.put(&descriptor, sizeof(descriptor));
    if (report.extended) page.put(table.extension(zone).data(), table.extension(zone).size());
  }
  page.zeroRest();
}

}  // namespace

Outcome zoneManagementReceive(Command& command) noexcept {
  const std::uint32_t cdw13 = command.sqe.cdw13;
  constexpr auto kLastAction = static_cast<std::uint32_t>(spec::ZoneReceiveAction::ExtendedReport);
  constexpr auto kLastFilter = static_cast<std::uint32_t>(spec::ZoneReportFilter::Offline);
  if ((cdw13 & 0xffU) > kLastAction) return refused(status::kInvalidField, at::kCdw13);
  if (((cdw13 >> 8U) & 0xffU) > kLastFilter) return refused(status::kInvalidField, at::kCdw13 + 1);
  const std::uint64_t slba = (std::uint64_t{command.sqe.cdw11} << 32U) | command.sqe.cdw10;
  if (const auto bad = checkRange(*command.ns, {slba, 1}); !bad.status.ok()) return bad;
  const Report report{.first = command.ns->zoned()->table().geometry().zoneOf(slba),
                      .filter = static_cast<spec::ZoneReportFilter>((cdw13 >> 8U) & 0xffU),
                      .extended = (cdw13 & 0xffU) == kLastAction,
                      .partial = (cdw13 & kPartial) != 0,
                      .bytes = (std::uint64_t{command.sqe.cdw12} + 1) * 4};
  if (report.bytes > HostBuffer::kMaxBytes) return refused(status::kInvalidField, at::kCdw12);
  if (const auto bad = command.resolve(report.bytes); !bad.status.ok()) return bad;
  const ZonedSpace::Hold hold(*command.ns->zoned());
  write(command.buffer(), command.ns->zoned()->table(), report);
  return done();
}

}  // namespace doorbell::emulator
