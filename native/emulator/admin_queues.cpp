#include "emulator/commands.h"

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

constexpr bool isIoQueue(std::uint16_t qid) { return qid != 0 && qid < kQueues; }

/// The checks Create I/O Completion Queue and Create I/O Submission Queue share.
Outcome checkNewQueue(const ControllerState& state, const spec::Sqe& sqe, bool taken,
                      bool entrySizeSet) noexcept {
  const std::uint32_t entries = std::uint32_t{high(sqe.cdw10)} + 1;
  if (!isIoQueue(low(sqe.cdw10)) || taken) return refused(status::kInvalidQueueId, at::kCdw10);
  if (entries < 2 || entries > kMaxQueueEntries || !entrySizeSet) {
    return refused(status::kInvalidQueueSize, at::kCdw10 + 2);
  }
  if ((sqe.cdw11 & kPhysicallyContiguous) == 0) return refused(status::kInvalidField, at::kCdw11);
  if (sqe.prp1 % state.pageBytes != 0) return refused(status::kPrpOffsetInvalid, at::kPrp1);
  return done();
}

}  // namespace

Outcome createIoCq(ControllerState& state, const spec::Sqe& sqe) noexcept {
  const std::uint16_t qid = low(sqe.cdw10);
  const bool taken = isIoQueue(qid) && state.queues.cq(qid).exists();
  const bool entrySizeSet = state.registers.cc().iocqes() == kCqEntryShift;
  if (const auto bad = checkNewQueue(state, sqe, taken, entrySizeSet); !bad.status.ok()) return bad;
  const std::uint16_t vector = high(sqe.cdw11);
  if (vector >= kInterruptVectors) {
    return refused(status::kInvalidInterruptVector, at::kCdw11 + 2);
  }
  state.queues.cq(qid) = {.base = sqe.prp1,
                          .size = std::uint32_t{high(sqe.cdw10)} + 1,
                          .vector = vector,
                          .interrupts = (sqe.cdw11 & kInterruptsEnabled) != 0};
  state.doorbells.openCq(qid);
  return done();
}

Outcome createIoSq(ControllerState& state, const spec::Sqe& sqe) noexcept {
  const std::uint16_t qid = low(sqe.cdw10);
  const bool taken = isIoQueue(qid) && state.queues.sq(qid).exists();
  const bool entrySizeSet = state.registers.cc().iosqes() == kSqEntryShift;
  if (const auto bad = checkNewQueue(state, sqe, taken, entrySizeSet); !bad.status.ok()) return bad;
  const std::uint16_t cqid = high(sqe.cdw11);
  if (!isIoQueue(cqid)) return refused(status::kInvalidQueueId, at::kCdw11 + 2);
  if (!state.queues.cq(cqid).exists()) return refused(status::kInvalidCq, at::kCdw11 + 2);
  state.doorbells.openSq(qid);
  state.queues.addSq(
      {.base = sqe.prp1, .size = std::uint32_t{high(sqe.cdw10)} + 1, .id = qid, .cqid = cqid});
  return done();
}

Outcome deleteIoSq(ControllerState& state, const spec::Sqe& sqe) noexcept {
  const std::uint16_t qid = low(sqe.cdw10);
  if (!isIoQueue(qid) || !state.queues.sq(qid).exists()) {
    return refused(status::kInvalidQueueId, at::kCdw10);
  }
  state.queues.removeSq(qid);
  state.doorbells.closeSq(qid);
  return done();
}

Outcome deleteIoCq(ControllerState& state, const spec::Sqe& sqe) noexcept {
  const std::uint16_t qid = low(sqe.cdw10);
  if (!isIoQueue(qid) || !state.queues.cq(qid).exists()) {
    return refused(status::kInvalidQueueId, at::kCdw10);
  }
  if (state.queues.cq(qid).users != 0) return refused(status::kInvalidQueueDeletion, at::kCdw10);
  state.queues.cq(qid) = {};
  state.doorbells.closeCq(qid);
  return done();
}

}  // namespace doorbell::emulator
