#include "driver/verify/qpair_verification.h"

#include <algorithm>
#include <cstring>

#include "spec/identify.h"
#include "spec/opcode.h"
#include "spec/status.h"

namespace doorbell::driver {
namespace {

constexpr std::size_t kMostKept = 1024;
constexpr std::uint32_t kFua = 1U << 30U;
constexpr std::uint32_t kDeallocate = 1U << 2U;
constexpr std::size_t kDsmRangeBytes = 16;
constexpr std::size_t kCopyRangeBytes = 32;
constexpr std::uint8_t kZoneManagementSend = 0x79;
constexpr std::uint8_t kZoneAppend = 0x7d;
constexpr std::uint32_t kResetZone = 0x04;
constexpr std::uint32_t kOfflineZone = 0x05;
constexpr std::uint32_t kSelectAll = 1U << 8U;

template <class T>
T load(std::span<const std::byte> from, std::size_t offset) {
  T value{};
  std::memcpy(&value, from.data() + offset, sizeof(value));
  return value;
}

}  // namespace

QpairVerification::Kind QpairVerification::kindOf(const spec::Sqe& sqe) const noexcept {
  using spec::AdminOpcode;
  using spec::NvmOpcode;
  if (admin_) {
    const auto opcode = static_cast<AdminOpcode>(sqe.opcode);
    const bool wipes = opcode == AdminOpcode::FormatNvm || opcode == AdminOpcode::Sanitize ||
                       opcode == AdminOpcode::NamespaceManagement;
    return wipes ? Kind::Wipe : Kind::None;
  }
  if (sqe.opcode == kZoneAppend) return Kind::Append;
  if (sqe.opcode == kZoneManagementSend) {
    const std::uint32_t action = sqe.cdw13 & 0xffU;
    if (action != kResetZone && action != kOfflineZone) return Kind::None;  // no block changes
    return (sqe.cdw13 & kSelectAll) != 0 ? Kind::Wipe : Kind::Zone;
  }
  switch (static_cast<NvmOpcode>(sqe.opcode)) {
    case NvmOpcode::Read:
      return Kind::Read;
    case NvmOpcode::Write:
      return Kind::Write;
    case NvmOpcode::WriteZeroes:
      return Kind::Zeroes;
    case NvmOpcode::Compare:
      return Kind::Compare;
    case NvmOpcode::Flush:
      return Kind::Flush;
    case NvmOpcode::WriteUncorrectable:
      return Kind::Forget;
    case NvmOpcode::DatasetManagement:
      return (sqe.cdw11 & kDeallocate) != 0 ? Kind::Forget : Kind::None;
    case NvmOpcode::Copy:
      return Kind::Copy;
    default:
      return Kind::None;
  }
}

MemoryPiece QpairVerification::prepare(std::uint16_t cid, const spec::Sqe& sqe,
                                       const MemoryPiece& data, bool whole) {
  Entry& entry = entries_[cid];
  entry.kind = kindOf(sqe);
  if (entry.kind == Kind::None) return data;
  // Sanitize is about the whole subsystem, whatever its NSID.
  const bool isSanitize =
      admin_ && sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::Sanitize);
  entry.verifiers.clear();
  find_(isSanitize ? spec::kBroadcastNsid : sqe.nsid, entry.verifiers);
  if (entry.verifiers.empty()) {
    entry.kind = Kind::None;
    return data;
  }
  entry.slba = sqe.cdw10 | (std::uint64_t{sqe.cdw11} << 32U);
  entry.count = (sqe.cdw12 & 0xffffU) + 1U;
  entry.fua = (sqe.cdw12 & kFua) != 0;
  entry.ranges.clear();
  describeIo(entry, sqe, data, whole);
  if (entry.kind != Kind::Write && entry.kind != Kind::Compare) {
    entry.data = data;
    return data;
  }
  entry.data = copyOf(entry, data);
  return entry.data;
}

/// What depends on the command's data; a transfer that is not as long as its blocks is not judged.
void QpairVerification::describeIo(Entry& entry, const spec::Sqe& sqe, const MemoryPiece& data,
                                   bool whole) const {
  const bool exact =
      whole && data.buffer && data.length == entry.count * entry.verifiers[0]->stride();
  if (entry.kind == Kind::Write && !exact) entry.kind = Kind::Forget;
  if ((entry.kind == Kind::Read || entry.kind == Kind::Compare) && !exact) entry.kind = Kind::None;
  const bool isDsm =
      sqe.opcode == static_cast<std::uint8_t>(spec::NvmOpcode::DatasetManagement) && !admin_;
  if (entry.kind == Kind::Copy || (entry.kind == Kind::Forget && isDsm)) {
    const std::size_t size = isDsm ? kDsmRangeBytes : kCopyRangeBytes;
    const std::size_t count = ((isDsm ? sqe.cdw10 : sqe.cdw12) & 0xffU) + 1U;
    if (!whole || !data.buffer || data.length < count * size) {
      entry.kind = Kind::Wipe;  // who knows which blocks
      return;
    }
    const auto view = data.buffer->view(data.offset, count * size);
    for (std::size_t i = 0; i < count; ++i) {
      const auto range = view.bytes.subspan(i * size, size);
      entry.ranges.push_back(
          isDsm ? Range{load<std::uint64_t>(range, 8), load<std::uint32_t>(range, 4)}
                : Range{load<std::uint64_t>(range, 8), load<std::uint16_t>(range, 16) + 1U});
    }
  }
}

/// At the same offset in its page as the caller's: the PRPs look the same.
MemoryPiece QpairVerification::copyOf(Entry& entry, const MemoryPiece& data) const {
  const std::size_t offset = data.offset % pageBytes_;
  if (!entry.bounce || entry.bounce->size() < offset + data.length)
    entry.bounce = DmaBuffer::allocate(offset + data.length);
  const auto from = data.buffer->view(data.offset, data.length);
  entry.bounce->write(offset, from.bytes);
  return {entry.bounce, offset, data.length};
}

void QpairVerification::commit(std::uint16_t cid) noexcept {
  Entry& entry = entries_[cid];
  switch (entry.kind) {
    case Kind::Read:
      entry.mark = entry.verifiers[0]->beginRead();
      break;
    case Kind::Write:
      entry.mark = entry.verifiers[0]->beginWrite(
          entry.slba, entry.data.buffer->view(entry.data.offset, entry.data.length).bytes);
      break;
    case Kind::Compare:
      entry.verifiers[0]->stampExpected(
          entry.slba, entry.data.buffer->view(entry.data.offset, entry.data.length).bytes);
      break;
    case Kind::Zeroes:
      entry.mark = entry.verifiers[0]->beginZeroes(entry.slba, entry.count);
      break;
    case Kind::Flush:
      entry.ranges.clear();
      for (const auto& verifier : entry.verifiers)
        entry.ranges.push_back({verifier->beginFlush(), 0});
      break;
    case Kind::Append:
      break;  // where it goes to is known when it completes; until then nothing is known of there
    default:
      disturb(entry);  // from now on until it ended, nothing is known of its blocks
  }
}

std::optional<DataMismatch> QpairVerification::end(const Completion& completion) noexcept {
  Entry& entry = entries_[completion.cid];
  // The device may still do what timed out.
  if (entry.kind == Kind::None || completion.outcome == evidence::Outcome::TimedOut)
    return std::nullopt;
  const bool done = completion.outcome == evidence::Outcome::Completed &&
                    spec::Status{completion.cqe.status()}.ok();
  std::optional<DataMismatch> mismatch;
  if (entry.kind == Kind::Read && done && !completion.late) {
    const auto view = entry.data.buffer->view(entry.data.offset, entry.data.length);
    mismatch = entry.verifiers[0]->endRead(entry.slba, view.bytes, entry.mark);
  }
  if (entry.kind == Kind::Append && done)
    entry.slba = completion.cqe.dw0 | (std::uint64_t{completion.cqe.dw1} << 32U);
  finish(entry, done);
  entry.kind = Kind::None;
  entry.verifiers.clear();
  entry.data = {};
  return mismatch;
}

std::uint64_t QpairVerification::blocksOf(const std::vector<Range>& ranges) noexcept {
  std::uint64_t blocks = 0;
  for (const Range& range : ranges) blocks += range.count;
  return blocks;
}

void QpairVerification::disturb(Entry& entry) noexcept {
  entry.disturbances.clear();
  for (const auto& verifier : entry.verifiers) {
    const auto begin = [&](std::uint64_t slba, std::uint64_t count) {
      entry.disturbances.push_back(verifier->beginUnknown(slba, count));
    };
    if (entry.kind == Kind::Wipe) begin(0, UINT64_MAX);
    if (entry.kind == Kind::Zone) begin(entry.slba, verifier->zoneFrom(entry.slba));
    if (entry.kind == Kind::Copy) begin(entry.slba, blocksOf(entry.ranges));
    if (entry.kind != Kind::Forget) continue;
    if (entry.ranges.empty()) begin(entry.slba, entry.count);
    for (const Range& range : entry.ranges) begin(range.slba, range.count);
  }
}

void QpairVerification::finish(Entry& entry, bool done) noexcept {
  if (entry.kind == Kind::Flush) {
    for (std::size_t i = 0; done && i < entry.verifiers.size(); ++i)
      entry.verifiers[i]->endFlush(entry.ranges[i].slba);
    return;
  }
  const std::size_t each =
      entry.verifiers.empty() ? 0 : entry.disturbances.size() / entry.verifiers.size();
  for (std::size_t i = 0; i < entry.disturbances.size(); ++i)
    entry.verifiers[i / each]->endUnknown(entry.disturbances[i]);
  entry.disturbances.clear();
  for (const auto& verifier : entry.verifiers) finish(entry, *verifier, done);
}

void QpairVerification::finish(Entry& entry, Verifier& verifier, bool done) noexcept {
  switch (entry.kind) {
    case Kind::Write:
    case Kind::Zeroes:
      verifier.endWrite({entry.slba, entry.count, entry.mark, done, entry.fua});
      break;
    case Kind::Copy: {
      std::uint64_t target = entry.slba;
      for (const Range& range : entry.ranges) {
        if (done) verifier.copied(range.slba, target, range.count);
        target += range.count;
      }
      break;
    }
    case Kind::Append:
      if (done) verifier.forget(entry.slba, entry.count);
      if (!done) verifier.forgetZone(entry.slba);  // it may have been executed all the same
      break;
    default:
      break;
  }
}

void QpairVerification::keep(std::uint64_t sequence, const DataMismatch& mismatch) {
  mismatches_[sequence] = mismatch;
  if (mismatches_.size() > kMostKept) mismatches_.erase(mismatches_.begin());
}

std::optional<DataMismatch> QpairVerification::mismatchOf(std::uint64_t sequence) const {
  const auto found = mismatches_.find(sequence);
  if (found == mismatches_.end()) return std::nullopt;
  return found->second;
}

}  // namespace doorbell::driver
