#include "test/support/power_load.h"

#include <algorithm>
#include <cstring>

namespace doorbell::test {

namespace {

constexpr std::uint32_t kForceUnitAccess = 1U << 30U;
constexpr std::size_t kPage = 4096;

std::uint32_t lbaBytesOf(TestHost& host) {
  host.identify(spec::Cns::Namespace, 1);
  const auto ns = host.data.as<spec::IdentifyNamespace>();
  return 1U << ns.lbaf[ns.flbas & 0xfU].dataSizeShift;
}

DurabilityLedger ledgerFor(TestHost& host) {
  host.identify(spec::Cns::Controller);
  const std::uint32_t awupf = host.data.as<spec::IdentifyController>().awupf;
  host.identify(spec::Cns::Namespace, 1);
  const auto ns = host.data.as<spec::IdentifyNamespace>();
  const bool own = (ns.nsfeat & 2U) != 0;  // NAWUPF and NABSPF are valid
  const std::uint32_t boundary = own && ns.nabspf != 0 ? ns.nabspf + 1U : 0;
  return {PowerLoad::kBlocks, (own ? ns.nawupf : awupf) + 1U, boundary};
}

}  // namespace

PowerLoad::PowerLoad(const std::string& address, std::uint64_t seed)
    : host(address),
      ledger(ledgerFor(host)),
      random_(seed),
      lbaBytes_(lbaBytesOf(host)),
      slotBytes_(std::size_t{kMostBlocks} * lbaBytes_),
      data_(*host.function, slotBytes_ * kQueues * kPerQueue),
      lists_(*host.function, kPage * kQueues * kPerQueue) {
  for (std::uint32_t slot = 0; slot < kQueues * kPerQueue; ++slot) {
    for (std::size_t page = 1; page * kPage < slotBytes_; ++page) {
      lists_.put<std::uint64_t>(slot * kPage + (page - 1) * 8,
                                data_.bus() + slot * slotBytes_ + page * kPage);
    }
  }
  openQueues();
}

void PowerLoad::openQueues() {
  queues_.clear();
  for (std::uint16_t qid = 1; qid <= kQueues; ++qid) queues_.push_back(host.makeQueue(qid, 16));
}

spec::Sqe PowerLoad::command(std::uint32_t slot, std::uint32_t slba, std::uint32_t count) const {
  spec::Sqe sqe;
  sqe.cid = static_cast<std::uint16_t>(slot);
  sqe.nsid = 1;
  sqe.prp1 = data_.bus() + slot * slotBytes_;
  const std::size_t bytes = std::size_t{count} * lbaBytes_;
  sqe.prp2 = bytes <= 2 * kPage ? sqe.prp1 + kPage : lists_.bus() + slot * kPage;
  sqe.cdw10 = slba;
  sqe.cdw12 = count - 1;
  return sqe;
}

void PowerLoad::fill(std::uint32_t slot, std::uint32_t slba, std::uint32_t count,
                     std::uint64_t token) {
  for (std::uint32_t i = 0; i < count; ++i) {
    auto* words = reinterpret_cast<std::uint64_t*>(data_.data() + slot * slotBytes_ +
                                                   std::size_t{i} * lbaBytes_);
    words[0] = slba + i;
    std::fill_n(words + 1, lbaBytes_ / 8 - 1, token);
  }
}

std::uint64_t PowerLoad::tokenAt(std::size_t offset, std::uint64_t lba) const {
  const auto* words = reinterpret_cast<const std::uint64_t*>(data_.data() + offset);
  const std::uint64_t token = words[1];
  const bool whole = std::memcmp(words + 1, words + 2, lbaBytes_ - 16) == 0;
  return whole && words[0] == (token == 0 ? 0 : lba) ? token : ~std::uint64_t{0};
}

bool PowerLoad::busy(std::uint32_t slba, std::uint32_t count) const {
  for (const auto& [slot, one] : outstanding_) {
    if (slba < one.slba + one.count && one.slba < slba + count) return true;
  }
  return false;
}

void PowerLoad::submit(std::uint32_t queue) {
  std::uint32_t slot = queue * kPerQueue;
  while (outstanding_.count(slot) != 0) {
    if (++slot == (queue + 1) * kPerQueue) return;
  }
  const std::uint32_t count = chance(2) ? 1 + random(8) : 1 + random(kMostBlocks);
  const std::uint32_t slba = random(kBlocks - count + 1);
  const std::uint32_t dice = random(16);
  Outstanding one{.kind = dice == 0 ? Kind::Flush : dice < 3 ? Kind::Read : Kind::Write};
  spec::Sqe sqe = command(slot, slba, count);
  if (one.kind == Kind::Flush) {
    sqe.opcode = static_cast<std::uint8_t>(spec::NvmOpcode::Flush);
    one.mark = ledger.flush();
  } else {
    if (busy(slba, count)) return;
    one.slba = slba;
    one.count = count;
    sqe.opcode = static_cast<std::uint8_t>(one.kind == Kind::Read ? spec::NvmOpcode::Read
                                                                  : spec::NvmOpcode::Write);
  }
  if (one.kind == Kind::Write) {
    one.durable = dice < 5 || !cached_;
    if (dice < 5) sqe.cdw12 |= kForceUnitAccess;
    one.token = ledger.write(slba, count);
    fill(slot, slba, count, one.token);
  }
  outstanding_[slot] = one;
  queues_[queue]->submit(sqe);
  ++submitted;
}

void PowerLoad::ended(const Outstanding& one) {
  if (one.kind == Kind::Write) ledger.completed(one.token, one.durable);
  if (one.kind == Kind::Flush) ledger.flushed(one.mark);
}

void PowerLoad::reap(std::uint32_t queue) {
  while (const auto cqe = queues_[queue]->reap()) {
    const auto found = outstanding_.find(cqe->cid);
    if (found == outstanding_.end()) throw std::runtime_error("a CID that is not outstanding");
    if (cqe->status() != 0) {
      throw std::runtime_error("status " + std::to_string(cqe->status()));
    }
    ended(found->second);
    outstanding_.erase(found);
  }
}

void PowerLoad::reapAll() {
  for (std::uint32_t queue = 0; queue < kQueues; ++queue) reap(queue);
}

void PowerLoad::awaitAll() {
  if (!eventually([this] {
        reapAll();
        return outstanding_.empty();
      })) {
    throw std::runtime_error("commands do not complete");
  }
}

void PowerLoad::run(std::uint32_t commands, bool cached) {
  if (cached != cached_) host.setFeature(spec::FeatureId::VolatileWriteCache, cached ? 1 : 0);
  cached_ = cached;
  auto& power = *host.function->power();
  for (const std::uint64_t end = submitted + commands; submitted < end && power.isOn();) {
    submit(random(kQueues));
    reapAll();
  }
}

void PowerLoad::shutDown() {
  awaitAll();
  host.function->write32(spec::reg::kCc, TestHost::kCcEnabled | (1U << 14U));
  ledger.settled();
}

std::string PowerLoad::verify() {
  reapAll();  // what completed before the loss did complete
  outstanding_.clear();
  cached_ = true;
  host.enable();
  openQueues();
  std::vector<std::uint64_t> found(kBlocks);
  constexpr std::uint32_t kBatch = kPerQueue * kMostBlocks;
  for (std::uint32_t first = 0; first < kBlocks; first += kBatch) {
    for (std::uint32_t slot = 0; slot < kPerQueue; ++slot) {
      spec::Sqe read = command(slot, first + slot * kMostBlocks, kMostBlocks);
      read.opcode = static_cast<std::uint8_t>(spec::NvmOpcode::Read);
      queues_[0]->submit(read);
    }
    for (std::uint32_t slot = 0; slot < kPerQueue; ++slot) {
      if (queues_[0]->await().status() != 0) return "a block cannot be read";
    }
    for (std::uint32_t i = 0; i < kBatch; ++i) {
      found[first + i] = tokenAt(std::size_t{i} * lbaBytes_, first + i);
    }
  }
  return ledger.check(found);
}

}  // namespace doorbell::test
