// Several device threads: what they share stays whole while every queue is busy.
#include <doctest/doctest.h>

#include <random>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::NvmOpcode;
using test::TestHost;
using test::TestMemory;
using test::TestQueue;

namespace {

constexpr std::uint32_t kBlocks = 8;           // of a granule
constexpr std::uint64_t kSharedGranules = 16;  // every worker writes these
constexpr std::uint64_t kOwnGranules = 16;     // and each of these only one
constexpr std::uint32_t kForceUnitAccess = 1U << 30U;

/// A host thread with a queue pair of its own. Every granule it writes is one byte throughout.
class Worker {
 public:
  Worker(TestHost& host, std::uint16_t qid)
      : queue_(host.makeQueue(qid, 16)),
        data_(*host.function, 4096),
        qid_(qid),
        random_(qid),
        thread_([this] { run(); }) {}

  void stop() { stop_ = true; }
  void join() { thread_.join(); }

  std::uint64_t completed = 0;
  std::uint64_t torn = 0;      ///< granules of different bytes
  std::uint64_t wrong = 0;     ///< own granules that are not what was written
  std::uint64_t failures = 0;  ///< commands that should have succeeded

 private:
  bool execute(NvmOpcode opcode, std::uint64_t granule, std::uint32_t cdw12 = 0) {
    spec::Sqe sqe;
    sqe.opcode = static_cast<std::uint8_t>(opcode);
    sqe.cid = ++cid_;
    sqe.nsid = 1;
    sqe.prp1 = data_.bus();
    sqe.cdw10 = static_cast<std::uint32_t>(granule * kBlocks);
    sqe.cdw12 = (kBlocks - 1) | cdw12;
    queue_->submit(sqe);
    for (;;) {
      const auto cqe = queue_->reap();
      if (cqe) {
        ++completed;
        if (cqe->cid != sqe.cid || !spec::Status{cqe->status()}.ok()) ++failures;
        return true;
      }
      if (stop_) return false;
      std::this_thread::yield();
    }
  }
  /// The byte the granule in `data_` consists of, -1 when it is torn.
  int byteOf() {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(data_.data());
    for (std::size_t i = 1; i < 4096; ++i) {
      if (bytes[i] != bytes[0]) return -1;
    }
    return bytes[0];
  }
  void run() {
    std::vector<int> own(kOwnGranules, 0);
    const std::uint64_t ownBase = 64 + qid_ * kOwnGranules;
    for (std::uint64_t g = 0; g < kOwnGranules; ++g) {
      data_.fill(0);
      if (!execute(NvmOpcode::Write, ownBase + g)) return;
    }
    while (!stop_) {
      const std::uint64_t shared = random_() % kSharedGranules;
      const std::uint64_t mine = random_() % kOwnGranules;
      switch (random_() % 8) {
        case 0:
        case 1:
          data_.fill(static_cast<int>(random_() % 256));
          if (!execute(NvmOpcode::Write, shared, random_() % 4 == 0 ? kForceUnitAccess : 0)) return;
          break;
        case 2:
        case 3:
          data_.fill(0xee);
          if (!execute(NvmOpcode::Read, shared)) return;
          if (byteOf() < 0) ++torn;
          break;
        case 4:
          own[mine] = static_cast<int>(random_() % 256);
          data_.fill(own[mine]);
          if (!execute(NvmOpcode::Write, ownBase + mine)) return;
          break;
        case 5:
          if (!execute(NvmOpcode::Read, ownBase + mine)) return;
          if (byteOf() != own[mine]) ++wrong;
          break;
        case 6:
          if (!execute(random_() % 2 == 0 ? NvmOpcode::Flush : NvmOpcode::WriteZeroes, shared))
            return;
          break;
        default:
          if (!deallocate(shared)) return;
      }
    }
  }
  bool deallocate(std::uint64_t granule) {
    data_.put<std::uint64_t>(0, std::uint64_t{2 * kBlocks} << 32U);
    data_.put<std::uint64_t>(8, granule * kBlocks);
    spec::Sqe sqe;
    sqe.opcode = static_cast<std::uint8_t>(NvmOpcode::DatasetManagement);
    sqe.cid = ++cid_;
    sqe.nsid = 1;
    sqe.prp1 = data_.bus();
    sqe.cdw11 = 4;
    queue_->submit(sqe);
    for (;;) {
      if (queue_->reap()) return true;
      if (stop_) return false;
      std::this_thread::yield();
    }
  }

  std::unique_ptr<TestQueue> queue_;
  TestMemory data_;
  std::uint16_t qid_;
  std::minstd_rand random_;
  std::uint16_t cid_ = 0;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

std::string withThreads(int threads) {
  return test::freshAddress("size=16M&threads=" + std::to_string(threads));
}

using Workers = std::vector<std::unique_ptr<Worker>>;

Workers startWorkers(TestHost& host) {
  Workers workers;
  for (std::uint16_t qid = 1; qid <= 4; ++qid) {
    workers.push_back(std::make_unique<Worker>(host, qid));
  }
  return workers;
}

void adminWork(TestHost& host, unsigned turn) {
  CHECK(host.setFeature(spec::FeatureId::VolatileWriteCache, turn % 2).status() == 0);
  CHECK(host.identify(spec::Cns::Controller).status() == 0);
  CHECK(host.smart().powerCycles.low >= 1);
  {
    const auto extra = host.makeQueue(5, 8);
    spec::Sqe bad = host.block(NvmOpcode::Read, 1U << 30U, 1);
    extra->submit(bad);
    CHECK(TestHost::plain(extra->await()) == spec::status::kLbaOutOfRange);
    host.logPage(spec::LogPageId::ErrorInformation, 64);
    CHECK(host.data.as<spec::ErrorLogEntry>().sqId == 5);
    CHECK(host.deleteQueue(spec::AdminOpcode::DeleteIoSq, 5).status() == 0);
    CHECK(host.deleteQueue(spec::AdminOpcode::DeleteIoCq, 5).status() == 0);
  }
}

}  // namespace

TEST_CASE("overlapping and disjoint I/O on all queues, with admin commands in between") {
  int threads = 1;
  SUBCASE("one device thread") { threads = 1; }
  SUBCASE("two") { threads = 2; }
  SUBCASE("four") { threads = 4; }
  TestHost host(withThreads(threads));
  auto workers = startWorkers(host);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(700);
  for (unsigned turn = 0; std::chrono::steady_clock::now() < end; ++turn) adminWork(host, turn);
  std::uint64_t completed = 0;
  for (auto& worker : workers) worker->stop();
  for (auto& worker : workers) worker->join();
  for (auto& worker : workers) {
    CHECK(worker->completed > 20);
    CHECK(worker->torn == 0);
    CHECK(worker->wrong == 0);
    CHECK(worker->failures == 0);
    completed += worker->completed;
  }
  CHECK(host.smart().hostWriteCommands.low > 0);
  MESSAGE(threads << " device threads: " << completed << " commands");
}

TEST_CASE("resets and power losses in the middle of it") {
  int threads = 1;
  SUBCASE("one device thread") { threads = 1; }
  SUBCASE("two") { threads = 2; }
  SUBCASE("four") { threads = 4; }
  TestHost host(withThreads(threads));
  for (unsigned round = 0; round < 6; ++round) {
    auto workers = startWorkers(host);
    std::this_thread::sleep_for(std::chrono::milliseconds(15));
    switch (round % 3) {
      case 0:
        host.function->write32(spec::reg::kCc, 0);
        break;
      case 1:
        host.function->reset(platform::ResetKind::FunctionLevel);
        break;
      default:
        host.function->power()->off();
        host.function->power()->on();
    }
    for (auto& worker : workers) worker->stop();
    for (auto& worker : workers) worker->join();
    for (auto& worker : workers) {
      CHECK(worker->torn == 0);
      CHECK(worker->wrong == 0);
      CHECK(worker->failures == 0);
    }
    workers.clear();
    host.enable();
    host.openIo();
    for (std::uint64_t g = 0; g < kSharedGranules; ++g) {
      REQUIRE(host.ioCommand(host.block(NvmOpcode::Read, g * kBlocks, kBlocks)).status() == 0);
      const std::byte* data = host.data.data();
      CHECK(std::all_of(data, data + 4096, [data](std::byte one) { return one == data[0]; }));
    }
    CHECK(host.deleteQueue(spec::AdminOpcode::DeleteIoSq, 1).status() == 0);
    CHECK(host.deleteQueue(spec::AdminOpcode::DeleteIoCq, 1).status() == 0);
  }
}

TEST_CASE("SQs of different shards' numbers that share a CQ are served by one") {
  TestHost host(withThreads(4));
  TestQueue cq(*host.function, 1, 32);
  REQUIRE(host.createCq(cq, 1, 1).status() == 0);
  std::vector<std::unique_ptr<TestQueue>> queues;
  for (std::uint16_t qid = 1; qid <= 4; ++qid) {
    queues.push_back(std::make_unique<TestQueue>(*host.function, qid, 8));
    REQUIRE(host.createSq(*queues.back(), qid, 1).status() == 0);
  }
  for (std::uint16_t turn = 0; turn < 200; ++turn) {
    for (auto& queue : queues) {
      auto sqe = host.block(NvmOpcode::Read, turn, 1);
      sqe.cid = turn;
      queue->submit(sqe);
    }
    unsigned seen = 0;
    for (unsigned i = 0; i < 4; ++i) {
      const auto cqe = cq.await();
      CHECK(cqe.cid == turn);
      seen |= 1U << cqe.sqId;
    }
    CHECK(seen == 0x1e);
  }
}
