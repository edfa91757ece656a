#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "platform/emulated/open.h"
#include "spec/feature.h"
#include "spec/identify.h"
#include "spec/log_page.h"
#include "spec/opcode.h"
#include "spec/pci_config.h"
#include "spec/status.h"
#include "test/support/test_queue.h"

namespace doorbell::test {

/// A fresh in-memory SSD's address: no other test shares it.
inline std::string freshAddress(const std::string& options = "size=64M") {
  static std::atomic<unsigned> next{0};
  return "emulated?name=t" + std::to_string(next++) + "&" + options;
}

/// Waits up to 5 s.
template <class Condition>
bool eventually(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  return true;
}

/// A host with one emulated SSD, brought up the way the specification says.
class TestHost {
 public:
  static constexpr std::uint32_t kCcEnabled = 0x00460001;  ///< IOSQES 6, IOCQES 4, EN

  explicit TestHost(const std::string& address = freshAddress(), bool enabled = true)
      : TestHost(platform::openEmulated(address), enabled) {}
  explicit TestHost(std::shared_ptr<platform::PciFunction> opened, bool enabled = true)
      : function(std::move(opened)), data(*function, 4U << 20U) {
    if (enabled) enable();
  }

  void enableBusMaster() const {
    namespace pci = spec::pci;
    const auto command = function->configRead(pci::kCommand, 2);
    function->configWrite(pci::kCommand, 2,
                          command | pci::kCommandMemorySpace | pci::kCommandBusMaster);
  }

  void writeAdminQueue() {
    namespace reg = spec::reg;
    admin = std::make_unique<TestQueue>(*function, 0, 32);
    function->write32(reg::kAqa, (admin->entries() - 1) | ((admin->entries() - 1) << 16U));
    function->write64(reg::kAsq, admin->sqBus());
    function->write64(reg::kAcq, admin->cqBus());
  }

  void enable(std::uint32_t cc = kCcEnabled) {
    enableBusMaster();
    io.reset();
    writeAdminQueue();
    function->write32(spec::reg::kCc, cc);
  }

  [[nodiscard]] spec::reg::Csts csts() const { return {function->read32(spec::reg::kCsts)}; }

  spec::Cqe execute(TestQueue& queue, spec::Sqe sqe) {
    sqe.cid = nextCid_++;
    queue.submit(sqe);
    return queue.await();
  }
  spec::Cqe adminCommand(const spec::Sqe& sqe) { return execute(*admin, sqe); }
  spec::Cqe ioCommand(const spec::Sqe& sqe) { return execute(*io, sqe); }

  /// Type and code only.
  static spec::Status plain(const spec::Cqe& cqe) {
    return {static_cast<std::uint16_t>(cqe.status() & 0x7ffU)};
  }

  static spec::Sqe sqe(spec::AdminOpcode opcode) {
    spec::Sqe command;
    command.opcode = static_cast<std::uint8_t>(opcode);
    return command;
  }

  spec::Cqe identify(spec::Cns cns, std::uint32_t nsid = 0, std::uint32_t cdw11 = 0) {
    auto command = sqe(spec::AdminOpcode::Identify);
    command.nsid = nsid;
    command.prp1 = data.bus();
    command.cdw10 = static_cast<std::uint32_t>(cns);
    command.cdw11 = cdw11;
    return adminCommand(command);
  }

  spec::Cqe createCq(const TestQueue& queue, std::uint16_t qid, std::uint16_t vector = 0,
                     std::uint32_t flags = 3) {
    auto command = sqe(spec::AdminOpcode::CreateIoCq);
    command.prp1 = queue.cqBus();
    command.cdw10 = ((queue.entries() - 1) << 16U) | qid;
    command.cdw11 = (std::uint32_t{vector} << 16U) | flags;
    return adminCommand(command);
  }
  spec::Cqe createSq(const TestQueue& queue, std::uint16_t qid, std::uint16_t cqid) {
    auto command = sqe(spec::AdminOpcode::CreateIoSq);
    command.prp1 = queue.sqBus();
    command.cdw10 = ((queue.entries() - 1) << 16U) | qid;
    command.cdw11 = (std::uint32_t{cqid} << 16U) | 1U;
    return adminCommand(command);
  }
  spec::Cqe deleteQueue(spec::AdminOpcode opcode, std::uint16_t qid) {
    auto command = sqe(opcode);
    command.cdw10 = qid;
    return adminCommand(command);
  }
  std::unique_ptr<TestQueue> makeQueue(std::uint16_t qid, std::uint32_t entries) {
    auto queue = std::make_unique<TestQueue>(*function, qid, entries);
    if (!spec::Status{createCq(*queue, qid, qid).status()}.ok() ||
        !spec::Status{createSq(*queue, qid, qid).status()}.ok()) {
      throw std::runtime_error("cannot create queue " + std::to_string(qid));
    }
    return queue;
  }
  void openIo(std::uint32_t entries = 64) { io = makeQueue(1, entries); }

  spec::Sqe block(spec::NvmOpcode opcode, std::uint64_t slba, std::uint32_t count) const {
    spec::Sqe command;
    command.opcode = static_cast<std::uint8_t>(opcode);
    command.nsid = 1;
    command.prp1 = data.bus();
    command.prp2 = data.bus() + 4096;
    command.cdw10 = static_cast<std::uint32_t>(slba);
    command.cdw11 = static_cast<std::uint32_t>(slba >> 32U);
    command.cdw12 = count - 1;
    return command;
  }
  spec::Cqe write(std::uint64_t slba, std::uint32_t count, int fill, std::uint32_t cdw12 = 0) {
    data.fill(fill);
    auto command = block(spec::NvmOpcode::Write, slba, count);
    command.cdw12 |= cdw12;
    return ioCommand(command);
  }
  /// First byte of the block, after checking that all its bytes are the same; -1 on an error
  /// status.
  int readFill(std::uint64_t slba, std::uint32_t lbaBytes = 512) {
    data.fill(0xee);
    if (!spec::Status{ioCommand(block(spec::NvmOpcode::Read, slba, 1)).status()}.ok()) return -1;
    const auto first = data.as<std::uint8_t>();
    for (std::size_t i = 0; i < lbaBytes; ++i) {
      if (data.as<std::uint8_t>(i) != first) return -2;
    }
    return first;
  }

  spec::Cqe logPage(spec::LogPageId id, std::uint32_t bytes, std::uint64_t offset = 0,
                    bool retain = false) {
    auto command = sqe(spec::AdminOpcode::GetLogPage);
    command.nsid = spec::kBroadcastNsid;
    command.prp1 = data.bus();
    command.prp2 = data.bus() + 4096;
    const std::uint32_t dwords = bytes / 4 - 1;
    command.cdw10 = static_cast<std::uint32_t>(id) | (retain ? 1U << 15U : 0U) | (dwords << 16U);
    command.cdw11 = dwords >> 16U;
    command.cdw12 = static_cast<std::uint32_t>(offset);
    command.cdw13 = static_cast<std::uint32_t>(offset >> 32U);
    return adminCommand(command);
  }
  spec::SmartLog smart() {
    logPage(spec::LogPageId::SmartHealth, 512);
    return data.as<spec::SmartLog>();
  }

  spec::Cqe getFeature(spec::FeatureId id, std::uint32_t select = 0, std::uint32_t cdw11 = 0,
                       std::uint32_t nsid = 0) {
    auto command = sqe(spec::AdminOpcode::GetFeatures);
    command.nsid = nsid;
    command.prp1 = data.bus();
    command.cdw10 = static_cast<std::uint32_t>(id) | (select << 8U);
    command.cdw11 = cdw11;
    return adminCommand(command);
  }
  spec::Cqe setFeature(spec::FeatureId id, std::uint32_t cdw11, bool save = false,
                       std::uint32_t nsid = 0) {
    auto command = sqe(spec::AdminOpcode::SetFeatures);
    command.nsid = nsid;
    command.prp1 = data.bus();
    command.cdw10 = static_cast<std::uint32_t>(id) | (save ? 1U << 31U : 0U);
    command.cdw11 = cdw11;
    return adminCommand(command);
  }

  std::shared_ptr<platform::PciFunction> function;
  TestMemory data;
  std::unique_ptr<TestQueue> admin;
  std::unique_ptr<TestQueue> io;

 private:
  std::uint16_t nextCid_ = 1;
};

}  // namespace doorbell::test
