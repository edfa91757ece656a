#include "platform/emulated/zone_options.h"

#include <algorithm>
#include <bit>

#include "emulator/media.h"
#include "platform/emulated/address_values.h"

namespace doorbell::platform {

namespace {

constexpr std::uint64_t kMostNumber = 1'000'000;

/// NSIDs with commas between them.
std::string takeNamespaces(std::uint32_t& mask, std::string_view text) {
  const std::string problem =
      "zns=" + std::string(text) + " is not an NSID from 1 to 32, or several of these with commas";
  mask = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const auto nsid = number(text.substr(at, end - at));
    if (!nsid || *nsid == 0 || *nsid > emulator::kMaxNamespaces) return problem;
    mask |= 1U << (*nsid - 1);
    at = end + 1;
  }
  return "";
}

std::string takeSize(std::uint64_t& target, std::string_view name, std::string_view text) {
  const auto bytes = size(text);
  if (!bytes || *bytes == 0 || *bytes % emulator::Media::kGranule != 0) {
    return std::string(name) + "=" + std::string(text) +
           " is not a multiple of 4096 bytes, like 16M";
  }
  target = *bytes;
  return "";
}

std::string takeNumber(std::uint32_t& target, std::string_view name, std::string_view text) {
  const auto value = number(text);
  if (!value || *value > kMostNumber) {
    return std::string(name) + "=" + std::string(text) + " is not a number from 0 to " +
           std::to_string(kMostNumber);
  }
  target = static_cast<std::uint32_t>(*value);
  return "";
}

}  // namespace

ZoneOption takeZoneOption(emulator::SsdOptions& options, std::string_view name,
                          std::string_view value) {
  emulator::ZoneSettings& zones = options.zones;
  if (name == "zns") return {true, takeNamespaces(options.zonedNsids, value)};
  if (name == "zoneSize") return {true, takeSize(zones.zoneBytes, name, value)};
  if (name == "zoneCapacity") return {true, takeSize(zones.capacityBytes, name, value)};
  if (name == "maxOpen") return {true, takeNumber(zones.maxOpen, name, value)};
  if (name == "maxActive") return {true, takeNumber(zones.maxActive, name, value)};
  if (name == "excursionMs") return {true, takeNumber(zones.excursionMs, name, value)};
  if (name == "readOnlyZones") return {true, takeNumber(options.readOnlyZones, name, value)};
  if (name == "offlineZones") return {true, takeNumber(options.offlineZones, name, value)};
  if (name != "readAcross") return {};
  if (value != "0" && value != "1") {
    return {true, "readAcross=" + std::string(value) + " is neither 0 nor 1"};
  }
  zones.readAcross = value == "1" ? 1 : 0;
  return {true, ""};
}

std::string problemOfZones(const emulator::SsdOptions& options) {
  const emulator::ZoneSettings& zones = options.zones;
  const std::uint32_t namespaces = std::max(options.namespaces, 1U);
  const auto last = static_cast<std::uint32_t>(std::bit_width(options.zonedNsids));
  if (last > namespaces && options.mediaFile.empty()) {
    return "zns names namespace " + std::to_string(last) + ", but there are only " +
           std::to_string(namespaces) + "; say namespaces=" + std::to_string(last);
  }
  if (zones.capacityBytes > zones.zoneBytes) return "zoneCapacity is more than zoneSize";
  if (zones.maxActive != 0 && (zones.maxOpen == 0 || zones.maxOpen > zones.maxActive)) {
    return "with maxActive there must be a maxOpen of at most that";
  }
  return "";
}

}  // namespace doorbell::platform
