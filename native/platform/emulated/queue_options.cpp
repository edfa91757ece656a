#include "platform/emulated/queue_options.h"

#include "emulator/bar_layout.h"
#include "platform/emulated/address_values.h"

namespace doorbell::platform {

namespace {

std::string takeStride(emulator::SsdOptions& options, std::string_view value) {
  const auto stride = number(value);
  if (!stride || *stride > emulator::BarLayout::kMaxStride) {
    return "dstrd=" + std::string(value) + " is not a number from 0 to 8";
  }
  options.doorbellStride = static_cast<std::uint32_t>(*stride);
  return "";
}

std::string takeContiguous(emulator::SsdOptions& options, std::string_view value) {
  if (value != "0" && value != "1") {
    return "cqr=" + std::string(value) + " is neither 0 nor 1";
  }
  options.contiguousQueues = value == "1";
  return "";
}

std::string takeMemory(emulator::SsdOptions& options, std::string_view value) {
  constexpr std::uint64_t kPage = emulator::BarLayout::kPage;
  const auto bytes = size(value);
  if (!bytes || *bytes == 0 || *bytes > emulator::BarLayout::kMaxMemory || *bytes % kPage != 0) {
    return "cmb=" + std::string(value) +
           " is not a multiple of 4096 bytes between 4K and 16M, like 1M";
  }
  options.controllerMemory = static_cast<std::uint32_t>(*bytes);
  return "";
}

}  // namespace

QueueOption takeQueueOption(emulator::SsdOptions& options, std::string_view name,
                            std::string_view value) {
  if (name == "dstrd") return {true, takeStride(options, value)};
  if (name == "cqr") return {true, takeContiguous(options, value)};
  if (name == "cmb") return {true, takeMemory(options, value)};
  return {};
}

}  // namespace doorbell::platform
