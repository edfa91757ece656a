#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "driver/controller.h"
#include "platform/error.h"
#include "spec/opcode.h"
#include "support/scripted_function.h"

namespace doorbell::test {

/// A driver Controller over a scripted device, with its own clock and evidence.
struct Rig {
  std::shared_ptr<driver::Clock> clock = std::make_shared<driver::Clock>();
  std::shared_ptr<driver::EvidenceFile> evidence = driver::EvidenceFile::anonymous(*clock);
  std::shared_ptr<ScriptedFunction> device = std::make_shared<ScriptedFunction>();
  std::shared_ptr<driver::Controller> controller =
      std::make_shared<driver::Controller>(device, driver::Environment{clock, evidence, 1000});

  driver::ControllerInfo initialize() { return controller->initialize({}); }
  /// Every command completes at once with success.
  void answerAll() {
    device->onCommand(
        [](std::uint16_t, const spec::Sqe&) { return std::optional<std::uint16_t>(0); });
  }
  /// Every I/O command stays outstanding.
  void answerNothing() {
    device->onCommand(
        [](std::uint16_t, const spec::Sqe&) { return std::optional<std::uint16_t>(); });
  }
  /// Waits until the device has fetched `count` commands of that queue.
  void awaitSeen(std::uint16_t qid, std::size_t count) {
    for (int i = 0; i < 5000 && device->seen(qid).size() < count; ++i) nap();
  }
  static void nap() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }
};

inline spec::Sqe readSqe(std::uint64_t slba = 0, std::uint32_t blocks = 1) {
  spec::Sqe sqe;
  sqe.opcode = static_cast<std::uint8_t>(spec::NvmOpcode::Read);
  sqe.nsid = 1;
  sqe.cdw10 = static_cast<std::uint32_t>(slba);
  sqe.cdw12 = blocks - 1;
  return sqe;
}

inline spec::Sqe writeSqe(std::uint64_t slba = 0, std::uint32_t blocks = 1) {
  spec::Sqe sqe = readSqe(slba, blocks);
  sqe.opcode = static_cast<std::uint8_t>(spec::NvmOpcode::Write);
  return sqe;
}

/// Reaps until `count` completions came or two seconds passed.
inline std::vector<driver::ReapedCompletion> reapN(driver::Qpair& qpair, std::size_t count) {
  std::vector<driver::ReapedCompletion> all;
  const auto giveUp = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (all.size() < count && std::chrono::steady_clock::now() < giveUp) {
    driver::ReapedCompletion batch[16];
    const unsigned got = qpair.reap(batch, std::chrono::microseconds(100));
    all.insert(all.end(), batch, batch + got);
  }
  return all;
}

/// The code of the Error that `action` throws, "" when it throws none.
template <class Action>
std::string codeOf(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}

template <class Action>
std::string messageOf(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace doorbell::test
