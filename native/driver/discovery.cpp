#include "driver/discovery.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "driver/controller_core.h"
#include "driver/evidence_layout.h"
#include "platform/error.h"
#include "spec/opcode.h"

namespace doorbell::driver {
namespace {

constexpr std::uint32_t kNumberOfQueues = 0x07;
constexpr std::uint32_t kCommandSetProfile = 0x19;
constexpr std::uint32_t kThisController = 0xffff;  // CNTID
constexpr std::size_t kListEntries = 1024;
constexpr unsigned kMaxListPages = 64;
constexpr std::size_t kCombinations = 512;

std::string text(std::span<const char> field) {
  std::string value(field.data(), field.size());
  value.erase(value.find_last_not_of(std::string(" \0", 2)) + 1);
  return value;
}

template <std::size_t N>
void copyText(std::array<char, N>& target, const std::string& value) {
  target.fill('\0');
  std::memcpy(target.data(), value.data(), std::min(N, value.size()));
}

spec::Sqe setFeature(std::uint32_t feature, std::uint32_t value) {
  spec::Sqe sqe;
  sqe.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::SetFeatures);
  sqe.cdw10 = feature;
  sqe.cdw11 = value;
  return sqe;
}

}  // namespace

ControllerInfo Discovery::run(const AdoptOptions& options) {
  identifyController();
  if (options.chooseProfile && spec::reg::commandSetOf(core_.cc()) == 6) chooseProfile();
  identifyNamespaces();
  askForQueues(options);
  return std::move(info_);
}

std::vector<std::byte> Discovery::identify(spec::Cns cns, std::uint32_t nsid, std::uint32_t cntid) {
  spec::Sqe sqe;
  sqe.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::Identify);
  sqe.nsid = nsid;
  sqe.cdw10 = static_cast<std::uint32_t>(cns) | (cntid << 16U);
  core_.adminCommand(sqe, "Identify", page_);
  std::vector<std::byte> data(spec::kIdentifyBytes);
  page_->read(0, data);
  return data;
}

void Discovery::identifyController() {
  step_ = "Identify Controller";
  info_.identify = identify(spec::Cns::Controller, 0);
  std::memcpy(&controller_, info_.identify.data(), sizeof(controller_));
  auto& evidence = core_.evidence();
  copyText(evidence.model, text(controller_.mn));
  copyText(evidence.serial, text(controller_.sn));
  copyText(evidence.firmware, text(controller_.fr));
}

/// The combination with the most I/O command sets, so that every namespace can be used.
void Discovery::chooseProfile() {
  step_ = "Identify, I/O Command Set data structure";
  const auto data = identify(spec::Cns::CommandSets, 0, kThisController);
  std::array<std::uint64_t, kCombinations> combinations{};
  static_assert(sizeof(combinations) == spec::kIdentifyBytes);
  std::memcpy(combinations.data(), data.data(), sizeof(combinations));
  const auto best = std::max_element(combinations.begin(), combinations.end(), [](auto a, auto b) {
    return std::popcount(a) < std::popcount(b);
  });
  if (*best == 0) throw Error("BAD_DATA", "it lists no combination of I/O command sets");
  step_ = "Set Features, I/O Command Set Profile";
  core_.adminCommand(
      setFeature(kCommandSetProfile, static_cast<std::uint32_t>(best - combinations.begin())),
      step_);
}

void Discovery::identifyNamespaces() {
  std::uint32_t last = 0;
  for (unsigned page = 0; page < kMaxListPages; ++page) {
    step_ = "Identify, Active Namespace ID list";
    const auto list = identify(spec::Cns::ActiveNamespaceList, last);
    for (std::size_t i = 0; i < kListEntries; ++i) {
      std::uint32_t nsid = 0;
      std::memcpy(&nsid, list.data() + i * sizeof(nsid), sizeof(nsid));
      if (nsid == 0) return;
      if (nsid <= last)
        throw Error("BAD_DATA", "the Active Namespace ID list is not in increasing order");
      step_ = "Identify Namespace " + std::to_string(nsid);
      info_.namespaces.push_back({nsid, identify(spec::Cns::Namespace, nsid)});
      last = nsid;
    }
  }
}

void Discovery::askForQueues(const AdoptOptions& options) {
  step_ = "Set Features, Number of Queues";
  info_.ioQueues = options.ioQueues;
  if (!options.isGranted) {
    const std::uint32_t wanted = options.ioQueues - 1;
    const std::uint32_t granted =
        core_.adminCommand(setFeature(kNumberOfQueues, (wanted << 16U) | wanted), step_);
    info_.ioQueues = std::min({(granted & 0xffffU) + 1, (granted >> 16U) + 1, options.ioQueues});
  }
  core_.setLimits(QueueLimits{
      .ioQueues = info_.ioQueues,
      .maxTransfer = largestTransfer(),
      .shutdownMs = std::max(controller_.rtd3e / 1000, 10'000U),
  });
  core_.setState(evidence::ControllerState::Ready);
}

/// Twice MDTS, so that a test can exceed it.
std::size_t Discovery::largestTransfer() const {
  constexpr std::size_t kLeast = 1U << 20U;
  constexpr std::size_t kMost = 8U << 20U;
  if (controller_.mdts == 0 || controller_.mdts > 12) return kMost;
  return std::clamp(std::size_t{2} << (12U + core_.cap().mpsMin() + controller_.mdts), kLeast,
                    kMost);
}

}  // namespace doorbell::driver
