#include "platform/emulated/address.h"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "emulator/media.h"
#include "platform/error.h"

namespace doorbell::platform {

namespace {

constexpr std::string_view kScheme = "emulated";
constexpr std::uint64_t kMinBytes = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMaxBytes = std::uint64_t{16} << 40U;

[[noreturn]] void refuse(const std::string& address, const std::string& reason) {
  throw Error("BAD_ADDRESS", "\"" + address + "\": " + reason);
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Bytes, or with one of the suffixes K, M, G, T (powers of 1024).
std::optional<std::uint64_t> size(std::string_view text) {
  constexpr std::string_view kSuffixes = "KMGT";
  unsigned shift = 0;
  if (!text.empty()) {
    const auto suffix = kSuffixes.find(text.back());
    if (suffix != std::string_view::npos) {
      shift = 10 * (static_cast<unsigned>(suffix) + 1);
      text.remove_suffix(1);
    }
  }
  const auto value = number(text);
  if (!value || *value > (UINT64_MAX >> shift)) return std::nullopt;
  return *value << shift;
}

struct Parser {
  const std::string& address;
  EmulatedAddress& result;

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
      if (value != "512" && value != "4096")
        refuse(address, "lbaSize=" + text + " is neither 512 nor 4096");
      result.options.lbaBytes = value == "512" ? 512 : 4096;
    } else if (name == "seed") {
      const auto seed = number(value);
      if (!seed) refuse(address, "seed=" + text + " is not a number");
      result.options.seed = *seed;
    } else if (name == "profile") {
      if (value != "fast") refuse(address, "profile=" + text + " is unknown; there is: fast");
    } else if (name == "fresh") {
      if (value != "0" && value != "1") refuse(address, "fresh=" + text + " is neither 0 nor 1");
      result.fresh = value == "1";
    } else if (name != "name") {
      refuse(address, "the option " + std::string(name) +
                          " is unknown; there are: size, lbaSize, seed, profile, name, fresh");
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
  result.options.name = result.options.mediaFile.empty() ? result.key : result.options.mediaFile;
  return result;
}

}  // namespace doorbell::platform
