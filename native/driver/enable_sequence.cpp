#include "driver/enable_sequence.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iomanip>
#include <sstream>

#include "driver/controller_core.h"
#include "driver/qpair.h"
#include "platform/error.h"
#include "spec/identify.h"
#include "spec/opcode.h"

namespace doorbell::driver {
namespace {

using evidence::ControllerState;

constexpr std::uint32_t kEnable = 1;
constexpr std::uint32_t kIoEntrySizes = (6U << 16U) | (4U << 20U);  // IOSQES 2^6, IOCQES 2^4
constexpr std::uint32_t kNumberOfQueues = 0x07;
constexpr std::size_t kListEntries = 1024;
constexpr unsigned kMaxListPages = 64;

void checkOptions(const InitOptions& options) {
  if (options.adminDepth < 2 || options.adminDepth > 4096) {
    throw Error("OUT_OF_RANGE",
                "an admin queue has 2 to 4096 entries, not " + std::to_string(options.adminDepth));
  }
  if (options.ioQueues < 1 || options.ioQueues > 65535) {
    throw Error("OUT_OF_RANGE", "1 to 65535 I/O queue pairs can be asked for, not " +
                                    std::to_string(options.ioQueues));
  }
}

/// The command set the specification tells a host to select.
std::uint32_t commandSet(const spec::reg::Cap& cap) {
  if ((cap.css() & (1U << 7U)) != 0) return 7;  // no I/O command set: admin only
  if ((cap.css() & (1U << 6U)) != 0) return 6;  // all supported I/O command sets
  return 0;                                     // NVM
}

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

class EnableSequence {
 public:
  EnableSequence(ControllerCore& core, const InitOptions& options)
      : core_(core), options_(options), page_(DmaBuffer::allocate(spec::kIdentifyBytes)) {}

  ControllerInfo run() {
    disable();
    setUpAdminQueue();
    enable();
    identifyController();
    identifyNamespaces();
    askForQueues();
    return std::move(info_);
  }
  [[nodiscard]] const std::string& step() const noexcept { return step_; }

 private:
  void disable() {
    step_ = "disabling the controller (CC.EN = 0, waiting for CSTS.RDY = 0)";
    core_.haltAll();
    core_.enableMemorySpace();
    const bool disabled = core_.disableDevice();
    // Without bus mastering not even a controller that hangs reaches the memory given back next.
    core_.setBusMaster(false);
    core_.endAll(evidence::Outcome::Reset);
    if (!disabled) throw Error("TIMEOUT", "CSTS.RDY did not become 0 within CAP.TO");
    core_.setState(ControllerState::Disabled);
    cap_ = core_.cap();
  }

  void setUpAdminQueue() {
    step_ = "setting the admin queue up (AQA, ASQ, ACQ)";
    core_.setBusMaster(true);
    core_.enableVectors(1 + options_.ioQueues);
    const auto device = core_.function();
    const std::uint32_t entries = options_.adminDepth - 1;
    const QueueAddresses bus = core_.makeAdmin(options_.adminDepth);
    device->write32(spec::reg::kAqa, (entries << 16U) | entries);
    device->write64(spec::reg::kAsq, bus.sq);
    device->write64(spec::reg::kAcq, bus.cq);
  }

  void enable() {
    step_ = "enabling the controller (CC.EN = 1, waiting for CSTS.RDY = 1)";
    const std::uint32_t cc =
        (commandSet(cap_) << 4U) | (cap_.mpsMin() << 7U) | kIoEntrySizes | kEnable;
    core_.function()->write32(spec::reg::kCc, cc);
    const std::uint32_t timeoutMs = std::max(cap_.timeoutMs(), 500U);
    if (!core_.awaitCsts(kEnable, kEnable, timeoutMs)) {
      throw Error("TIMEOUT",
                  "CSTS.RDY did not become 1 within CAP.TO (" + std::to_string(timeoutMs) + " ms)");
    }
  }

  std::vector<std::byte> identify(spec::Cns cns, std::uint32_t nsid) {
    spec::Sqe sqe;
    sqe.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::Identify);
    sqe.nsid = nsid;
    sqe.cdw10 = static_cast<std::uint32_t>(cns);
    core_.adminCommand(sqe, "Identify", page_);
    std::vector<std::byte> data(spec::kIdentifyBytes);
    page_->read(0, data);
    return data;
  }

  void identifyController() {
    step_ = "Identify Controller";
    info_.identify = identify(spec::Cns::Controller, 0);
    std::memcpy(&controller_, info_.identify.data(), sizeof(controller_));
    auto& evidence = core_.evidence();
    copyText(evidence.model, text(controller_.mn));
    copyText(evidence.serial, text(controller_.sn));
    copyText(evidence.firmware, text(controller_.fr));
  }

  void identifyNamespaces() {
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

  void askForQueues() {
    step_ = "Set Features, Number of Queues";
    spec::Sqe sqe;
    sqe.opcode = static_cast<std::uint8_t>(spec::AdminOpcode::SetFeatures);
    sqe.cdw10 = kNumberOfQueues;
    sqe.cdw11 = ((options_.ioQueues - 1) << 16U) | (options_.ioQueues - 1);
    const std::uint32_t granted = core_.adminCommand(sqe, step_);
    info_.ioQueues = std::min({(granted & 0xffffU) + 1, (granted >> 16U) + 1, options_.ioQueues});
    core_.setLimits(QueueLimits{
        .ioQueues = info_.ioQueues,
        .maxTransfer = largestTransfer(),
        .shutdownMs = std::max(controller_.rtd3e / 1000, 10'000U),
    });
    core_.setState(ControllerState::Ready);
  }

  /// Twice MDTS, so that a test can exceed it.
  [[nodiscard]] std::size_t largestTransfer() const {
    constexpr std::size_t kLeast = 1U << 20U;
    constexpr std::size_t kMost = 8U << 20U;
    if (controller_.mdts == 0 || controller_.mdts > 12) return kMost;
    return std::clamp(std::size_t{2} << (12U + cap_.mpsMin() + controller_.mdts), kLeast, kMost);
  }

  ControllerCore& core_;
  const InitOptions options_;
  std::shared_ptr<DmaBuffer> page_;
  spec::reg::Cap cap_;
  spec::IdentifyController controller_;
  ControllerInfo info_;
  std::string step_;
};

std::string registers(const ControllerCore& core) {
  const auto cap = core.cap();
  const auto csts = core.csts();
  std::ostringstream out;
  out << std::hex << std::setfill('0') << "CAP 0x" << std::setw(16) << cap.raw << ", CC 0x"
      << std::setw(8) << core.cc() << ", CSTS 0x" << std::setw(8) << csts.raw << std::dec
      << " (MQES " << cap.mqes() << ", TO " << cap.timeoutMs() << " ms, RDY " << csts.rdy()
      << ", CFS " << csts.cfs() << ", SHST " << csts.shst() << ")";
  return out.str();
}

/// Leaves nothing running behind a failed initialisation.
void giveUp(ControllerCore& core, bool fatal) {
  core.haltAll();
  (void)core.disableDevice();
  core.setBusMaster(false);
  core.endAll(evidence::Outcome::Reset);
  core.setState(fatal ? ControllerState::Fatal : ControllerState::Disabled);
}

}  // namespace

ControllerInfo runEnableSequence(ControllerCore& core, const InitOptions& options) {
  checkOptions(options);
  EnableSequence sequence(core, options);
  try {
    ControllerInfo info = sequence.run();
    core.throwUnlessReachable();
    return info;
  } catch (const Error& error) {
    core.throwUnlessReachable();
    const std::string state = registers(core);
    giveUp(core, core.csts().cfs());
    throw Error("INIT_FAILED", core.address() + ": initialisation failed at: " + sequence.step() +
                                   ". " + error.what() + ". " + state);
  }
}

}  // namespace doorbell::driver
