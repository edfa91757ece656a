#include <cstring>

#include "emulator/commands.h"
#include "emulator/controller.h"

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

constexpr std::uint32_t kPhysicallyContiguous = 1U << 0U;
constexpr std::uint32_t kInterruptsEnabled = 1U << 1U;
constexpr std::uint32_t kSqEntryShift = 6;
constexpr std::uint32_t kCqEntryShift = 4;

constexpr std::uint16_t low(std::uint32_t dword) { return static_cast<std::uint16_t>(dword); }
constexpr std::uint16_t high(std::uint32_t dword) {
  return static_cast<std::uint16_t>(dword >> 16U);
}

/// PC cleared to 0: PRP1 points to a PRP list of the queue's pages (NVMe Base 2.0, "Create I/O
/// Completion Queue command"). It is read now; a queue of CAP.MQES + 1 entries has room in one.
Outcome readPages(const Command& command, std::size_t entryBytes, QueuePages& into) noexcept {
  const std::uint32_t pageBytes = command.state.pageBytes;
  const std::uint64_t bytes = (std::uint64_t{high(command.sqe.cdw10)} + 1) * entryBytes;
  into.pageBytes = pageBytes;
  for (std::uint64_t page = 0; page * pageBytes < bytes; ++page) {
    const std::byte* entry = command.state.dma.at(command.sqe.prp1 + page * sizeof(std::uint64_t));
    if (entry == nullptr) return refused(status::kDataTransferError, at::kPrp1);
    std::memcpy(&into.addresses[page], entry, sizeof(std::uint64_t));
    if (into.addresses[page] % pageBytes != 0) {
      return refused(status::kPrpOffsetInvalid, at::kPrp1);
    }
  }
  return done();
}

/// Where the entries are, once checkNewQueue() found nothing.
Outcome locate(const Command& command, std::size_t entryBytes, QueuePages& pages,
               QueueMemory& found) noexcept {
  if ((command.sqe.cdw11 & kPhysicallyContiguous) != 0) {
    found = {.base = command.sqe.prp1};
    return done();
  }
  found = {.pages = &pages};
  return readPages(command, entryBytes, pages);
}

constexpr bool isIoQueue(std::uint16_t qid) { return qid != 0 && qid < kQueues; }

/// The checks Create I/O Completion Queue and Create I/O Submission Queue share.
Outcome checkNewQueue(const Command& command, bool taken, bool entrySizeSet) noexcept {
  const std::uint32_t entries = std::uint32_t{high(command.sqe.cdw10)} + 1;
  if (!isIoQueue(low(command.sqe.cdw10)) || taken)
    return refused(status::kInvalidQueueId, at::kCdw10);
  if (entries < 2 || entries > kMaxQueueEntries || !entrySizeSet) {
    return refused(status::kInvalidQueueSize, at::kCdw10 + 2);
  }
  const bool contiguous = (command.sqe.cdw11 & kPhysicallyContiguous) != 0;
  if (!contiguous && command.subsystem().options().contiguousQueues) {
    return refused(status::kInvalidField, at::kCdw11);
  }
  if (command.sqe.prp1 % command.state.pageBytes != 0)
    return refused(status::kPrpOffsetInvalid, at::kPrp1);
  return done();
}

}  // namespace

Outcome createIoCq(Command& command) noexcept {
  const std::uint16_t qid = low(command.sqe.cdw10);
  const bool taken = isIoQueue(qid) && command.state.queues.cq(qid).exists();
  const bool entrySizeSet = command.state.registers.cc().iocqes() == kCqEntryShift;
  if (const auto bad = checkNewQueue(command, taken, entrySizeSet); !bad.status.ok()) return bad;
  const std::uint16_t vector = high(command.sqe.cdw11);
  if (vector >= kInterruptVectors) {
    return refused(status::kInvalidInterruptVector, at::kCdw11 + 2);
  }
  QueueMemory memory;
  QueuePages& pages = command.state.queues.cqPages(qid);
  if (const auto bad = locate(command, sizeof(spec::Cqe), pages, memory); !bad.status.ok()) {
    return bad;
  }
  command.state.queues.cq(qid) = {.memory = memory,
                                  .size = std::uint32_t{high(command.sqe.cdw10)} + 1,
                                  .vector = vector,
                                  .interrupts = (command.sqe.cdw11 & kInterruptsEnabled) != 0};
  command.state.doorbells.openCq(qid);
  return done();
}

Outcome createIoSq(Command& command) noexcept {
  const std::uint16_t qid = low(command.sqe.cdw10);
  const bool taken = isIoQueue(qid) && command.state.queues.sq(qid).exists();
  const bool entrySizeSet = command.state.registers.cc().iosqes() == kSqEntryShift;
  if (const auto bad = checkNewQueue(command, taken, entrySizeSet); !bad.status.ok()) return bad;
  const std::uint16_t cqid = high(command.sqe.cdw11);
  if (!isIoQueue(cqid)) return refused(status::kInvalidQueueId, at::kCdw11 + 2);
  if (!command.state.queues.cq(cqid).exists()) return refused(status::kInvalidCq, at::kCdw11 + 2);
  QueueMemory memory;
  QueuePages& pages = command.state.queues.sqPages(qid);
  if (const auto bad = locate(command, sizeof(spec::Sqe), pages, memory); !bad.status.ok()) {
    return bad;
  }
  command.state.doorbells.openSq(qid);
  command.state.queues.addSq({.memory = memory,
                              .size = std::uint32_t{high(command.sqe.cdw10)} + 1,
                              .id = qid,
                              .cqid = cqid,
                              .priority = QueuePriority((command.sqe.cdw11 >> 1U) & 3U)});
  return done();
}

Outcome deleteIoSq(Command& command) noexcept {
  const std::uint16_t qid = low(command.sqe.cdw10);
  if (!isIoQueue(qid) || !command.state.queues.sq(qid).exists()) {
    return refused(status::kInvalidQueueId, at::kCdw10);
  }
  command.state.controller->endHeldOf(qid);
  ++command.state.generation;
  command.state.queues.removeSq(qid);
  command.state.doorbells.closeSq(qid);
  return done();
}

Outcome deleteIoCq(Command& command) noexcept {
  const std::uint16_t qid = low(command.sqe.cdw10);
  if (!isIoQueue(qid) || !command.state.queues.cq(qid).exists()) {
    return refused(status::kInvalidQueueId, at::kCdw10);
  }
  if (command.state.queues.cq(qid).users != 0)
    return refused(status::kInvalidQueueDeletion, at::kCdw10);
  command.state.queues.cq(qid) = {};
  command.state.doorbells.closeCq(qid);
  return done();
}

}  // namespace doorbell::emulator
