#include "emulator/admin/vital_product_data.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string_view>

#include "emulator/admin/power_table.h"
#include "emulator/config_layout.h"
#include "emulator/identity.h"

namespace doorbell::emulator {

namespace {

using Bytes = std::array<std::uint8_t, kVpdBytes>;

constexpr std::size_t kUnit = 8;  ///< offsets and lengths of FRU areas count in
constexpr std::size_t kProduct = kUnit;
constexpr std::size_t kProductBytes = 112;
constexpr std::size_t kRecords = kProduct + kProductBytes;
constexpr std::size_t kRecordHeader = 5;
constexpr std::uint8_t kEnglish = 0x19;
constexpr std::uint8_t kTextField = 0xc0;  ///< eight-bit text, and its length
constexpr std::uint8_t kEndOfFields = 0xc1;

/// What makes the sum of all bytes 0.
std::uint8_t checksum(const Bytes& all, std::size_t begin, std::size_t bytes) {
  const auto* first = all.data() + begin;
  return static_cast<std::uint8_t>(0U - std::accumulate(first, first + bytes, 0U));
}

std::size_t putField(Bytes& all, std::size_t at, std::string_view text, std::size_t bytes) {
  all[at++] = static_cast<std::uint8_t>(kTextField | bytes);
  std::memset(&all[at], ' ', bytes);
  std::copy_n(text.begin(), std::min(text.size(), bytes), &all[at]);
  return at + bytes;
}

void putProduct(Bytes& all, const spec::IdentifyController& id) {
  all[kProduct] = 0x01;
  all[kProduct + 1] = kProductBytes / kUnit;
  all[kProduct + 2] = kEnglish;
  std::size_t at = putField(all, kProduct + 3, "Doorbell", 8);
  at = putField(all, at, "Emulated NVMe SSD", 24);
  at = putField(all, at, {id.mn.data(), id.mn.size()}, 40);
  at = putField(all, at, "1", 2);
  at = putField(all, at, {id.sn.data(), id.sn.size()}, 20);
  at += 2;  // no asset tag, no FRU file
  all[at] = kEndOfFields;
  all[kRecords - 1] = checksum(all, kProduct, kProductBytes);
}

/// A record's header, once its data is there; where the next begins.
std::size_t putRecord(Bytes& all, std::size_t at, std::uint8_t type, std::uint8_t bytes,
                      bool last) {
  all[at] = type;
  all[at + 1] = last ? 0x82 : 0x02;
  all[at + 2] = bytes;
  all[at + 3] = checksum(all, at + kRecordHeader, bytes);
  all[at + 4] = checksum(all, at, kRecordHeader - 1);
  return at + kRecordHeader + bytes;
}

void putRecords(Bytes& all, const spec::IdentifyController& id) {
  constexpr std::uint8_t kNvme = 0x0b;
  constexpr std::uint8_t kNvmeBytes = 59;
  constexpr std::uint8_t kPciePort = 0x0c;
  constexpr std::uint8_t kPciePortBytes = 11;
  constexpr auto kWatts = static_cast<std::uint8_t>(kPowerTable[0].maximumCentiwatts / 100);
  std::uint8_t* nvme = &all[kRecords + kRecordHeader];
  nvme[16] = nvme[17] = kWatts;  // of the 12 V supply, at first and at most
  nvme[18] = kWatts;             // Maximum Thermal Load
  std::memcpy(nvme + 19, &id.tnvmcap, sizeof(id.tnvmcap));
  const std::size_t second = putRecord(all, kRecords, kNvme, kNvmeBytes, false);
  std::uint8_t* port = &all[second + kRecordHeader];
  port[0] = 1;
  port[3] = layout::kLinkSpeeds;
  port[4] = layout::kLanes;
  const std::size_t end = putRecord(all, second, kPciePort, kPciePortBytes, true);
  std::fill(all.begin() + static_cast<std::ptrdiff_t>(end), all.end(), std::uint8_t{0xff});
}

}  // namespace

std::array<std::uint8_t, kVpdBytes> factoryVpd(const NvmSubsystem& subsystem) noexcept {
  const spec::IdentifyController id = identifyController(subsystem);
  Bytes all{};
  all[0] = 0x01;  // IPMI format version
  all[4] = kProduct / kUnit;
  all[5] = kRecords / kUnit;
  all[7] = checksum(all, 0, kUnit);
  putProduct(all, id);
  putRecords(all, id);
  return all;
}

}  // namespace doorbell::emulator
