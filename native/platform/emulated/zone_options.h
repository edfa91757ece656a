#pragma once

#include <string>
#include <string_view>

#include "emulator/ssd_options.h"

namespace doorbell::platform {

/// Is it an option about zones, and what is wrong with its value? "" for nothing.
struct ZoneOption {
  bool known = false;
  std::string problem;
};

/// Takes over one option about zones.
ZoneOption takeZoneOption(emulator::SsdOptions& options, std::string_view name,
                          std::string_view value);

/// What is wrong with all of them together, "" for nothing.
[[nodiscard]] std::string problemOfZones(const emulator::SsdOptions& options);

/// For the message about an option that does not exist.
inline constexpr char kZoneOptionNames[] =
    "zns, zoneSize, zoneCapacity, maxOpen, maxActive, readAcross, excursionMs, readOnlyZones, "
    "offlineZones";

}  // namespace doorbell::platform
