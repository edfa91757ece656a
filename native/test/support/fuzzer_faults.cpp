#include <optional>

#include "platform/error.h"
#include "test/support/fuzzer.h"

namespace doorbell::test {

using platform::Fault;
using platform::FaultKind;

namespace {

constexpr std::uint64_t kKinds = static_cast<std::uint64_t>(FaultKind::PowerLoss) + 1;
constexpr std::uint64_t kMoments =
    static_cast<std::uint64_t>(platform::CutMoment::BeforeCompletion) + 1;

}  // namespace

platform::FaultTrigger Fuzzer::trigger() {
  platform::FaultTrigger when;
  if (chance(3)) when.qid = static_cast<std::uint16_t>(random(chance(4) ? 80 : kQueues));
  if (chance(3)) when.admin = chance(2);
  if (chance(2)) when.opcode = static_cast<std::uint8_t>(chance(4) ? random(256) : random(9));
  if (chance(4)) when.nsid = dword();
  if (chance(3)) {
    when.firstLba = random(20000);
    when.lastLba = chance(8) ? random(20000) : *when.firstLba + random(64);
  }
  when.nth = chance(8) ? random(3) : 1 + random(32);
  when.times = chance(4) ? 0 : random(16);
  return when;
}

Fault Fuzzer::fault() {
  Fault one;
  one.kind = static_cast<FaultKind>(random(kKinds));
  one.when = trigger();
  one.status = {static_cast<std::uint16_t>(random_())};
  one.delayNs = chance(16) ? random_() : random(2'000'000);
  one.value = chance(2) ? static_cast<std::uint32_t>(random(kQueues)) : dword();
  one.offset = chance(2) ? static_cast<std::uint32_t>(random(8192)) : dword();
  one.mask = static_cast<std::uint8_t>(random_());
  one.moment = static_cast<platform::CutMoment>(random(kMoments));
  one.blocks = chance(2) ? static_cast<std::uint32_t>(random(32)) : dword();
  // Half of what acts on some opcodes only names one of them.
  if (chance(2)) one.when.opcode = static_cast<std::uint8_t>(chance(2) ? 0x01 : 0x02);
  return one;
}

void Fuzzer::injectFaults() {
  platform::FaultInjector& faults = *function_->faults();
  ++count_.faults;
  try {
    switch (random(16)) {
      case 0:
        return faults.failController();
      case 1:
        return faults.removeDevice();
      case 2:
      case 3:
        return faults.setHealth({.temperatureKelvin = static_cast<std::uint16_t>(random(500)),
                                 .availableSpare = static_cast<std::uint8_t>(random(110)),
                                 .percentageUsed = static_cast<std::uint8_t>(random_()),
                                 .reliabilityDegraded = chance(2),
                                 .readOnly = chance(4),
                                 .backupFailed = chance(2)});
      case 4:
      case 5:
      case 6:
      case 7:
        return faults.clear();
      default:
        faults.add(fault());
    }
  } catch (const Error& refused) {
    if (refused.code() != "BAD_FAULT") throw;  // a description that could never act
  }
}

}  // namespace doorbell::test
