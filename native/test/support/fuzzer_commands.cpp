#include <cstring>

#include "spec/opcode.h"
#include "test/support/fuzzer.h"

namespace doorbell::test {

namespace {

constexpr std::array<std::uint8_t, 29> kAdmin{
    0x00, 0x01, 0x02, 0x02, 0x04, 0x05, 0x06, 0x06, 0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x10, 0x11,
    0x14, 0x15, 0x18, 0x19, 0x1a, 0x1d, 0x1e, 0x7c, 0x80, 0x81, 0x82, 0x84, 0x86, 0xc0};
constexpr std::array<std::uint8_t, 20> kIo{0x00, 0x01, 0x01, 0x01, 0x02, 0x02, 0x02,
                                           0x04, 0x05, 0x08, 0x09, 0x0c, 0x0d, 0x0e,
                                           0x11, 0x15, 0x19, 0x79, 0x7a, 0x7d};
constexpr std::uint8_t kAsyncEventRequest = 0x0c;

}  // namespace

/// PRPs or an SGL descriptor; most of them to memory that is there.
void Fuzzer::describeData(spec::Sqe& sqe) {
  sqe.prp1 = chance(3) ? busAddress() : page(kDataPage + random(64));
  sqe.prp2 = chance(3) ? busAddress() : page(kDataPage + 64 + random(64));
  sqe.mptr = chance(2) ? busAddress() : page(kDataPage + 128 + random(64));
  if (!chance(4)) return;
  sqe.flags = static_cast<std::uint8_t>(chance(4) ? random_() : (1 + random(2)) << 6U);
  const std::uint64_t length = chance(2) ? 512 * (1 + random(64)) : dword();
  const std::uint64_t type = chance(4) ? random(256) : random(5) << 4U;
  sqe.prp2 = (length & 0xffffffffU) | (type << 56U);
}

spec::Sqe Fuzzer::command(std::uint16_t qid) {
  spec::Sqe sqe;
  if (chance(40)) {  // noise
    for (std::size_t i = 0; i < sizeof(sqe); i += 8) {
      const std::uint64_t noise = random_();
      std::memcpy(reinterpret_cast<std::byte*>(&sqe) + i, &noise, sizeof(noise));
    }
    return sqe;
  }
  sqe.opcode = chance(20) ? static_cast<std::uint8_t>(random_())
               : qid == 0 ? kAdmin[random(kAdmin.size())]
                          : kIo[random(kIo.size())];
  sqe.cid = chance(16) ? static_cast<std::uint16_t>(dword()) : nextCid_++;
  sqe.nsid = chance(4) ? dword() : 1;
  describeData(sqe);
  std::array<std::uint32_t*, 8> words{&sqe.cdw2,  &sqe.cdw3,  &sqe.cdw10, &sqe.cdw11,
                                      &sqe.cdw12, &sqe.cdw13, &sqe.cdw14, &sqe.cdw15};
  if (qid != 0 && !chance(4)) {  // a range of blocks that may well exist
    sqe.cdw10 = static_cast<std::uint32_t>(random(20000));
    sqe.cdw12 = static_cast<std::uint32_t>(random(chance(4) ? 65536 : 16));
    if (chance(4)) sqe.cdw12 |= dword() << 16U;
    return sqe;
  }
  for (std::uint32_t* word : words) {
    if (!chance(3)) *word = chance(2) ? dword() : (dword() << 16U) | (dword() & 0xffffU);
  }
  return sqe;
}

void Fuzzer::submit(std::uint16_t qid, spec::Sqe sqe) {
  Ring& ring = rings_[qid];
  arena_->put(2U * qid * kPage + ring.tail * sizeof(sqe), sqe);
  ring.tail = (ring.tail + 1) % kEntries;
  if (qid != 0 || sqe.opcode != kAsyncEventRequest) ++ring.open;
  this->ring(2U * qid, ring.tail);
  ++count_.commands;
  ++count_.inputs;
}

void Fuzzer::sendCommands() {
  const auto qid = static_cast<std::uint16_t>(random(kQueues));
  for (std::uint64_t left = 1 + random(12); left > 0; --left) {
    if (!room(qid)) settle();
    submit(qid, command(qid));
  }
  chance(8) ? settle() : static_cast<void>(reapAll());
}

bool Fuzzer::reap(std::uint16_t qid) {
  Ring& ring = rings_[qid];
  for (std::uint32_t taken = 0; taken < kEntries; ++taken) {
    const std::size_t offset = (2U * qid + 1) * kPage + ring.head * sizeof(spec::Cqe);
    auto* half = reinterpret_cast<std::uint64_t*>(arena_->data() + offset) + 1;
    const std::uint64_t found = std::atomic_ref(*half).load(std::memory_order_acquire);
    if ((((found >> 48U) & 1U) != 0) != ring.phase) return taken != 0;
    if (ring.open > 0) --ring.open;
    ++((found >> 49U) == 0 ? count_.succeeded : count_.failed);
    if (++ring.head == kEntries) {
      ring.head = 0;
      ring.phase = !ring.phase;
    }
    this->ring(2U * qid + 1, ring.head);
  }
  return true;
}

bool Fuzzer::reapAll() {
  bool any = false;
  for (std::uint16_t qid = 0; qid < kQueues; ++qid) any |= reap(qid);
  return any;
}

}  // namespace doorbell::test
