#include "support/virtual_run.h"

#include <algorithm>

namespace doorbell::test {

using namespace driver;

VirtualRun* VirtualRun::current = nullptr;

std::uint64_t VirtualRun::look() noexcept { return current->now_ += current->lookNs; }

std::uint64_t VirtualRun::ticks() noexcept {
  current->serve();
  return look();
}

void VirtualRun::sleep(std::uint64_t ns) noexcept { current->now_ += ns + ns % 60'000; }

void VirtualRun::serve() {
  if (sq_ == nullptr) return;
  const std::uint32_t sqTail = device_.doorbells().base[2];
  while (head_ != sqTail) {
    seen.push_back({now_ - began_, sq_[head_]});
    pending_.push_back({completesAt(now_ - began_, sq_[head_]), sq_[head_].cid});
    head_ = (head_ + 1) % depth_;
  }
  const auto over = std::stable_partition(
      pending_.begin(), pending_.end(), [&](const Pending& one) { return one.at > now_ - began_; });
  std::for_each(over, pending_.end(), [&](const Pending& one) { complete(one.cid); });
  pending_.erase(over, pending_.end());
}

void VirtualRun::complete(std::uint16_t cid) {
  cq_[tail_] = {
      .sqHead = static_cast<std::uint16_t>(head_), .sqId = 1, .cid = cid, .statusPhase = phase_};
  if (++tail_ < depth_) return;
  tail_ = 0;
  phase_ ^= 1U;
}

IoWorkerResult VirtualRun::run(const IoWorkerSpec& spec) {
  struct Sink final : MalformedSink {
    void malformed(std::uint16_t, const spec::Cqe&, Malformed) noexcept override {}
  } sink;
  current = this;
  const Clock clock({.tsc = false,
                     .monotonicNs = look,
                     .realtimeNs = look,
                     .testTicks = ticks,
                     .testSleep = sleep});
  const auto evidence = EvidenceFile::anonymous(clock);
  depth_ = spec.qdepth + 1;
  QueueResources queue({.qid = 1, .depth = depth_, .lbaBytes = 512}, device_, device_.dma(),
                       *evidence, clock, sink);
  IoBuffers buffers(spec, device_.dma(), 4096);
  sq_ = reinterpret_cast<spec::Sqe*>(device_.domain().at(queue.sqBus(), depth_ * sizeof(*sq_)));
  cq_ = reinterpret_cast<spec::Cqe*>(device_.domain().at(queue.cqBus(), depth_ * sizeof(*cq_)));
  IoSignals signals;
  IoTotals totals;
  std::unique_ptr<CommandSource> source = std::make_unique<GeneratedCommands>(spec);
  if (spec.sequence) source = std::make_unique<ReplayedCommands>(spec.sequence);
  IoLoop loop(spec, *source, queue.pair(), buffers, clock, signals, totals);
  began_ = now_;  // the loop took it as its start
  loop.run();
  sq_ = nullptr;
  return loop.result();
}

}  // namespace doorbell::test
