#include "driver/enable_sequence.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "driver/controller_core.h"
#include "driver/discovery.h"
#include "platform/error.h"

namespace doorbell::driver {
namespace {

using evidence::ControllerState;

constexpr std::uint32_t kEnable = 1;
constexpr std::uint32_t kIoEntrySizes = (6U << 16U) | (4U << 20U);  // IOSQES 2^6, IOCQES 2^4

void checkCounts(std::uint32_t adminDepth, std::uint32_t ioQueues) {
  if (adminDepth < 2 || adminDepth > 4096) {
    throw Error("OUT_OF_RANGE",
                "an admin queue has 2 to 4096 entries, not " + std::to_string(adminDepth));
  }
  if (ioQueues < 1 || ioQueues > 65535) {
    throw Error("OUT_OF_RANGE",
                "1 to 65535 I/O queue pairs can be asked for, not " + std::to_string(ioQueues));
  }
}

/// The command set the specification tells a host to select. A controller that says both, that it
/// has none and that it has some (QEMU's), has some.
std::uint32_t commandSet(const spec::reg::Cap& cap) {
  if ((cap.css() & (1U << 6U)) != 0) return 6;   // all supported I/O command sets
  if ((cap.css() & 1U) != 0) return 0;           // NVM
  return (cap.css() & (1U << 7U)) != 0 ? 7 : 0;  // no I/O command set: admin only
}

std::uint32_t checkedArbitration(const InitOptions& options, const spec::reg::Cap& cap) {
  const std::uint32_t ams = options.arbitration.value_or(0);
  const bool known =
      ams == 0 || (ams == 1 && (cap.ams() & 1U) != 0) || (ams == 7 && (cap.ams() & 2U) != 0);
  if (known) return ams;
  throw Error("NOT_SUPPORTED",
              "this controller has no arbitration mechanism " + std::to_string(ams) +
                  " (CAP.AMS says " + std::to_string(cap.ams()) +
                  "): write CC yourself, in an initialisation of your own, to try it all the same");
}

std::uint32_t checkedMps(const std::optional<std::uint32_t>& mps, const spec::reg::Cap& cap) {
  const std::uint32_t value = mps.value_or(cap.mpsMin());
  if (value >= cap.mpsMin() && value <= cap.mpsMax()) return value;
  throw Error("OUT_OF_RANGE", "MPS is " + std::to_string(cap.mpsMin()) + " (CAP.MPSMIN) to " +
                                  std::to_string(cap.mpsMax()) + " (CAP.MPSMAX), not " +
                                  std::to_string(value));
}

std::uint32_t configuration(const InitOptions& options, const spec::reg::Cap& cap) {
  const std::uint32_t css = options.commandSet.value_or(commandSet(cap));
  return (css << 4U) | (checkedMps(options.mps, cap) << 7U) |
         (checkedArbitration(options, cap) << 11U) | kIoEntrySizes | kEnable;
}

void enable(ControllerCore& core, const InitOptions& options) {
  const auto cap = core.cap();
  core.function()->write32(spec::reg::kCc, configuration(options, cap));
  const std::uint32_t timeoutMs = std::max(cap.timeoutMs(), 500U);
  if (!core.awaitCsts(kEnable, kEnable, timeoutMs)) {
    throw Error("TIMEOUT",
                "CSTS.RDY did not become 1 within CAP.TO (" + std::to_string(timeoutMs) + " ms)");
  }
}

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

[[noreturn]] void fail(ControllerCore& core, const std::string& step, const Error& error) {
  core.throwUnlessReachable();
  const std::string state = registers(core);
  giveUp(core, core.csts().cfs());
  throw Error("INIT_FAILED", core.address() + ": initialisation failed at: " + step + ". " +
                                 error.what() + ". " + state);
}

}  // namespace

void disableForEnable(ControllerCore& core) {
  core.haltAll();
  core.enableMemorySpace();
  const bool disabled = core.disableDevice();
  // Without bus mastering not even a controller that hangs reaches the memory given back next.
  core.setBusMaster(false);
  core.endAll(evidence::Outcome::Reset);
  if (!disabled) throw Error("TIMEOUT", "CSTS.RDY did not become 0 within CAP.TO");
  core.setState(ControllerState::Disabled);
}

AdminQueueRegisters prepareAdminQueue(ControllerCore& core, const AdminQueueOptions& options) {
  checkCounts(options.depth, 1);
  const auto cap = core.cap();
  const std::uint32_t mps = checkedMps(options.mps, cap);
  if (core.csts().rdy()) {
    throw Error("CONTROLLER_ENABLED", core.address() +
                                          " is enabled (CSTS.RDY = 1): disable it before its admin "
                                          "queue gets new memory");
  }
  core.haltAll();
  core.endAll(evidence::Outcome::Reset);
  core.setState(ControllerState::Disabled);
  core.enableMemorySpace();
  core.setBusMaster(true);
  core.enableVectors(options.vectors, options.interrupts);
  const QueueAddresses bus = core.makeAdmin(options.depth, 4096U << mps);
  const std::uint32_t entries = options.depth - 1;
  return {.aqa = (entries << 16U) | entries, .asq = bus.sq, .acq = bus.cq};
}

ControllerInfo adoptController(ControllerCore& core, const AdoptOptions& options) {
  checkCounts(2, options.ioQueues);
  if (!core.csts().rdy()) {
    throw Error("CONTROLLER_NOT_READY",
                core.address() + " is not enabled (CSTS.RDY = 0): enable it, then adopt it");
  }
  Discovery discovery(core);
  try {
    ControllerInfo info = discovery.run(options);
    core.throwUnlessReachable();
    return info;
  } catch (const Error& error) {
    fail(core, discovery.step(), error);
  }
}

ControllerInfo runEnableSequence(ControllerCore& core, const InitOptions& options) {
  checkCounts(options.adminDepth, options.ioQueues);
  (void)configuration(options, core.cap());
  std::string step = "disabling the controller (CC.EN = 0, waiting for CSTS.RDY = 0)";
  try {
    disableForEnable(core);
    step = "setting the admin queue up (AQA, ASQ, ACQ)";
    const AdminQueueRegisters admin = prepareAdminQueue(core, {.depth = options.adminDepth,
                                                               .mps = options.mps,
                                                               .vectors = 1 + options.ioQueues,
                                                               .interrupts = options.interrupts});
    const auto device = core.function();
    device->write32(spec::reg::kAqa, admin.aqa);
    device->write64(spec::reg::kAsq, admin.asq);
    device->write64(spec::reg::kAcq, admin.acq);
    step = "enabling the controller (CC.EN = 1, waiting for CSTS.RDY = 1)";
    enable(core, options);
  } catch (const Error& error) {
    fail(core, step, error);
  }
  return adoptController(core, {.ioQueues = options.ioQueues});
}

}  // namespace doorbell::driver
