#include "platform/emulated/address.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "emulator/block_format.h"
#include "emulator/limits.h"
#include "emulator/media.h"
#include "platform/emulated/address_values.h"
#include "platform/emulated/queue_options.h"
#include "platform/emulated/zone_options.h"
#include "platform/error.h"

namespace doorbell::platform {

namespace {

constexpr std::string_view kScheme = "emulated";
constexpr std::uint64_t kMinBytes = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMaxBytes = std::uint64_t{16} << 40U;

[[noreturn]] void refuse(const std::string& address, const std::string& reason) {
  throw Error("BAD_ADDRESS", "\"" + address + "\": " + reason);
}

/// A format by its name: what nameOf() says, with the words after the sizes in any order.
std::optional<emulator::BlockFormat> format(std::string_view text) {
  emulator::BlockFormat result;
  const auto sizes = text.substr(0, text.find(':'));
  while (result.index < emulator::kLbaFormats.size() && nameOf(result) != sizes) ++result.index;
  if (result.index == emulator::kLbaFormats.size()) return std::nullopt;
  for (text.remove_prefix(sizes.size()); !text.empty();) {
    const auto word = text.substr(1, text.find(':', 1) - 1);
    text.remove_prefix(word.size() + 1);
    if (word.size() == 3 && word.substr(0, 2) == "pi" && word[2] >= '1' && word[2] <= '3') {
      result.piType = static_cast<std::uint8_t>(word[2] - '0');
    } else if (word == "first") {
      result.piFirst = 1;
    } else if (word == "extended") {
      result.extended = 1;
    } else {
      return std::nullopt;
    }
  }
  const bool plain = result.metadataBytes() == 0;
  const bool sound = plain ? result.piType == 0 && result.extended == 0 : true;
  return sound && (result.piFirst == 0 || result.piType != 0) ? std::optional(result)
                                                              : std::nullopt;
}

/// media=null is for plain blocks in memory.
std::string problemOfNull(const emulator::SsdOptions& options) {
  if (!options.discardsData) return "";
  if (!options.mediaFile.empty()) return "media=null keeps nothing: it goes without a media file";
  if (options.zonedNsids != 0) return "media=null goes without zones";
  const bool metadata = std::any_of(options.formats.begin(), options.formats.end(),
                                    [](const auto& one) { return one.metadataBytes() != 0; });
  return metadata ? "media=null goes without metadata" : "";
}

struct Parser {
  const std::string& address;
  EmulatedAddress& result;

  [[nodiscard]] std::vector<emulator::BlockFormat> formats(const std::string& text) const {
    std::vector<emulator::BlockFormat> found;
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      const auto one = format(std::string_view(text).substr(at, end - at));
      if (!one) {
        refuse(address, "lbaSize=" + text +
                            " is none of 512, 4096, 512+8, 4096+8, 4096+64 (with metadata also "
                            ":pi1 to :pi3, :first, :extended), or several of these with commas, "
                            "one a namespace");
      }
      found.push_back(*one);
      at = end + 1;
    }
    return found;
  }

  void option(std::string_view name, std::string_view value) const {
    const std::string text(value);
    if (name == "size") {
      const auto bytes = size(value);
      if (!bytes || *bytes < kMinBytes || *bytes > kMaxBytes ||
          *bytes % emulator::Media::kGranule != 0) {
        refuse(address,
               "size=" + text + " is not a multiple of 4096 bytes between 1M and 16T, like 64G");
      }
      result.options.bytes = *bytes;
    } else if (name == "lbaSize") {
      result.options.formats = formats(text);
    } else if (name == "namespaces") {
      const auto count = number(value);
      if (!count || *count == 0 || *count > emulator::kMaxNamespaces)
        refuse(address, "namespaces=" + text + " is not a number from 1 to 32");
      result.options.namespaces = static_cast<std::uint32_t>(*count);
    } else if (name == "threads") {
      const auto count = number(value);
      if (!count || *count == 0 || *count > emulator::kMaxShards)
        refuse(address, "threads=" + text + " is not a number from 1 to 4");
      result.options.threads = static_cast<unsigned>(*count);
    } else if (name == "seed") {
      const auto seed = number(value);
      if (!seed) refuse(address, "seed=" + text + " is not a number");
      result.options.seed = *seed;
    } else if (name == "profile") {
      if (value != "fast" && value != "tlc")
        refuse(address, "profile=" + text + " is unknown; there are: fast, tlc");
      result.options.profile = value == "tlc" ? emulator::Profile::Tlc : emulator::Profile::Fast;
    } else if (name == "media") {
      if (value != "memory" && value != "null")
        refuse(address, "media=" + text + " is unknown; there are: memory, null");
      result.options.discardsData = value == "null";
    } else if (name == "fresh") {
      if (value != "0" && value != "1") refuse(address, "fresh=" + text + " is neither 0 nor 1");
      result.fresh = value == "1";
    } else if (const auto queues = takeQueueOption(result.options, name, value); queues.known) {
      if (!queues.problem.empty()) refuse(address, queues.problem);
    } else if (const auto zones = takeZoneOption(result.options, name, value); zones.known) {
      if (!zones.problem.empty()) refuse(address, zones.problem);
    } else if (name != "name") {
      refuse(
          address,
          "the option " + std::string(name) +
              " is unknown; there are: size, lbaSize, namespaces, threads, seed, profile, media, "
              "name, fresh, " +
              kQueueOptionNames + ", " + kZoneOptionNames);
    }
  }

  void options(std::string_view query) {
    while (!query.empty()) {
      const auto end = query.find('&');
      const std::string_view part = query.substr(0, end);
      query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
      const auto equals = part.find('=');
      if (equals == std::string_view::npos) refuse(address, std::string(part) + " has no value");
      option(part.substr(0, equals), part.substr(equals + 1));
      if (part.substr(0, equals) == "fresh") continue;
      result.key += (result.key.find('?') == std::string::npos ? '?' : '&');
      result.key += part;
    }
  }
};

}  // namespace

EmulatedAddress EmulatedAddress::parse(const std::string& address) {
  const std::string_view text = address;
  if (text.substr(0, kScheme.size()) != kScheme)
    refuse(address, "does not begin with \"emulated\"");
  const auto query = text.find('?');
  const std::string_view path = text.substr(0, query);
  if (path.size() > kScheme.size() && path[kScheme.size()] != ':') {
    refuse(address, "after \"emulated\" comes a colon and a media file, or ? and options");
  }
  EmulatedAddress result;
  result.key = path == "emulated:" ? kScheme : path;
  if (path.size() > kScheme.size() + 1) result.options.mediaFile = path.substr(kScheme.size() + 1);
  if (query != std::string_view::npos) {
    Parser{address, result}.options(text.substr(query + 1));
  }
  if (const auto problem = problemOfZones(result.options); !problem.empty()) {
    refuse(address, problem);
  }
  if (const auto problem = problemOfNull(result.options); !problem.empty()) {
    refuse(address, problem);
  }
  result.options.name = result.options.mediaFile.empty() ? result.key : result.options.mediaFile;
  return result;
}

}  // namespace doorbell::platform
