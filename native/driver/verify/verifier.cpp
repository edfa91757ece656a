#include "driver/verify/verifier.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "spec/crc32c.h"

namespace doorbell::driver {
namespace {

constexpr std::size_t kStampBytes = 8;
constexpr std::uint64_t kPendingMask = 0xff;
constexpr std::uint64_t kSequenceMask = 0xffffffffffff;  // 48 bits: years of commands

std::uint64_t load(const std::byte* at) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

std::uint64_t realtimeNs() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

std::uint32_t crcOfZeros(std::size_t bytes) {
  const std::vector<std::byte> zeros(bytes);
  return spec::crc32c(zeros);
}

}  // namespace

Verifier::Verifier(const VerifyOptions& options)
    : options_(options),
      firstToken_(realtimeNs()),
      zeroCrc_(crcOfZeros(options.lbaBytes)),
      store_(options.regionEnd),
      writeCache_(options.writeCache) {}

template <class OnBlock>
void Verifier::eachInRegion(std::uint64_t slba, std::uint64_t count, bool create,
                            OnBlock&& onBlock) {
  const std::uint64_t first = std::max(slba, options_.regionStart);
  const std::uint64_t end = count > UINT64_MAX - slba ? UINT64_MAX : slba + count;
  if (first < end) store_.each(first, end - first, create, onBlock);
}

void Verifier::stamp(std::byte* block, std::uint64_t lba, std::uint64_t token) const noexcept {
  std::memcpy(block, &lba, kStampBytes);
  std::memcpy(block + options_.lbaBytes - kStampBytes, &token, kStampBytes);
}

bool Verifier::isDurable(const BlockRecord& record) const noexcept {
  if (record.pending > 0 || record.uncertain != 0 || lostItsPower(record)) return false;
  return record.forced != 0 || record.doneAt <= durable_.load(std::memory_order_relaxed);
}

/// It had completed, but was not durable, when power went.
bool Verifier::lostItsPower(const BlockRecord& record) const noexcept {
  if (!hadLoss_.load(std::memory_order_acquire) || record.forced != 0) return false;
  const std::scoped_lock lock(lossMutex_);
  return std::any_of(losses_.begin(), losses_.end(), [&](const Loss& loss) {
    return record.doneAt > loss.durable && record.doneAt <= loss.at;
  });
}

/// The newest write becomes this one; what it may still turn out to hold is kept.
void Verifier::replace(BlockRecord& record, std::uint64_t token, std::uint32_t crc) noexcept {
  if (record.token != 0 && isDurable(record)) {
    record.oldToken = record.token;
    record.oldCrc = record.crc;
    record.many = 0;
  } else if (record.token != 0) {
    record.many = 1;
  }
  record.uncertain = record.pending > 0 ? 1 : 0;
  record.token = token;
  record.crc = crc;
  record.forced = 0;
  record.pending = (record.pending + 1U) & kPendingMask;
}

std::uint64_t Verifier::beginWrite(std::uint64_t slba, std::span<std::byte> data) noexcept {
  const std::uint64_t token = firstToken_ + now();
  eachInRegion(slba, data.size() / stride(), true, [&](BlockRecord& record, std::uint64_t lba) {
    std::byte* block = data.data() + (lba - slba) * stride();
    stamp(block, lba, token);
    replace(record, token, spec::crc32c({block, options_.lbaBytes}));
  });
  return token;
}

std::uint64_t Verifier::beginZeroes(std::uint64_t slba, std::uint64_t count) noexcept {
  const std::uint64_t token = firstToken_ + now();
  eachInRegion(slba, count, true, [&](BlockRecord& record, std::uint64_t /*lba*/) {
    replace(record, token, zeroCrc_);
  });
  return token;
}

/// When a write ended. A completion that the device posted before power went may be seen after
/// that.
std::uint64_t Verifier::endOf(std::uint64_t token) noexcept {
  const std::uint64_t at = now();
  if (!hadLoss_.load(std::memory_order_acquire)) [[likely]]
    return at;
  const std::scoped_lock lock(lossMutex_);
  for (const Loss& loss : losses_)
    if (firstToken_ + loss.at > token) return loss.at;
  return at;
}

void Verifier::endWrite(const EndedWrite& write) noexcept {
  const std::uint64_t at = endOf(write.token);
  const bool forced = write.done && (write.fua || !writeCache_.load(std::memory_order_relaxed));
  eachInRegion(write.slba, write.count, false, [&](BlockRecord& record, std::uint64_t /*lba*/) {
    if (record.pending > 0) record.pending = (record.pending - 1U) & kPendingMask;
    if (record.token == 0) return;
    record.doneAt = at & kSequenceMask;
    // Of two that overlapped, one may be durable and the other not.
    if (record.token == write.token) record.forced = forced ? 1 : 0;
    if (!write.done) record.uncertain = 1;
  });
}

std::optional<DataMismatch> Verifier::endRead(std::uint64_t slba, std::span<const std::byte> data,
                                              std::uint64_t began) noexcept {
  std::optional<std::uint64_t> wrong;
  std::uint64_t expected = 0;
  eachInRegion(slba, data.size() / stride(), false, [&](BlockRecord& record, std::uint64_t lba) {
    if (record.token == 0 || wrong) return;
    if (accepts(record, lba, data.data() + (lba - slba) * stride(), began)) [[likely]]
      return;
    if (disturbances_.touched(lba, began)) return;
    wrong = lba;
    expected = record.token;
  });
  if (!wrong) [[likely]]
    return std::nullopt;
  return explain(*wrong, data.data() + (*wrong - slba) * stride(), expected);
}

bool Verifier::accepts(BlockRecord& record, std::uint64_t lba, const std::byte* block,
                       std::uint64_t began) noexcept {
  const std::uint32_t crc = spec::crc32c({block, options_.lbaBytes});
  const bool overlapped = record.pending > 0 || record.doneAt >= began;
  if (crc == record.crc) [[likely]] {
    // Seen on the medium: from now on it is nothing else.
    if (!overlapped && record.uncertain == 0 && lostItsPower(record)) record.doneAt = 0;
    if (!overlapped) record.uncertain = 0;
    return true;
  }
  if (overlapped) {
    BlockRecord copy = record;  // the write may still come
    return acceptsOld(copy, lba, block, crc) || acceptsOverlapped(record, lba, block, began);
  }
  return (record.uncertain != 0 || lostItsPower(record)) && acceptsOld(record, lba, block, crc);
}

/// When the newest write began after the read did, the one it replaced may have been under way as
/// well: what that one replaced is no longer known, only that it was some write to this block.
bool Verifier::acceptsOverlapped(const BlockRecord& record, std::uint64_t lba,
                                 const std::byte* block, std::uint64_t began) const noexcept {
  if (record.token < firstToken_ + began) return false;
  const std::uint64_t token = load(block + options_.lbaBytes - kStampBytes);
  const bool stamped = load(block) == lba && isIssued(token);
  return stamped || spec::crc32c({block, options_.lbaBytes}) == zeroCrc_;
}

bool Verifier::isIssued(std::uint64_t token) const noexcept {
  return token > 0 && token <= firstToken_ + sequence_.load();
}

/// One of the writes before the newest is accepted, and is the newest from then on.
bool Verifier::acceptsOld(BlockRecord& record, std::uint64_t lba, const std::byte* block,
                          std::uint32_t crc) noexcept {
  const std::uint64_t token = load(block + options_.lbaBytes - kStampBytes);
  const bool old = record.oldToken != 0 && crc == record.oldCrc;
  // Tokens are drawn before the blocks are locked: of two writes the one noted last may have the
  // smaller one.
  const bool between =
      record.many != 0 && load(block) == lba && token > record.oldToken && isIssued(token);
  // What was there before the first write nobody knows.
  if (!old && !between && record.oldToken != 0) return false;
  const bool isDurableNow = lostItsPower(record);
  record.token = old ? record.oldToken : between ? token : 0;
  record.crc = crc;
  record.uncertain = 0;
  record.forced = 0;
  // What is there after a loss of power is on the medium. Without one it may be in the cache only.
  if (!isDurableNow && !old) return true;
  record.oldToken = record.token;
  record.oldCrc = crc;
  record.many = 0;
  record.doneAt = 0;
  return true;
}

DataMismatch Verifier::explain(std::uint64_t lba, const std::byte* block,
                               std::uint64_t expected) noexcept {
  DataMismatch mismatch{.lba = lba,
                        .expectedToken = expected,
                        .foundLba = load(block),
                        .foundToken = load(block + options_.lbaBytes - kStampBytes)};
  const bool stamped = isIssued(mismatch.foundToken);
  if (stamped && mismatch.foundLba == lba && mismatch.foundToken < expected) {
    mismatch.kind = DataMismatch::Kind::Stale;
  } else if (stamped && mismatch.foundLba != lba && inRegion(mismatch.foundLba)) {
    const std::uint32_t crc = spec::crc32c({block, options_.lbaBytes});
    eachInRegion(mismatch.foundLba, 1, false, [&](const BlockRecord& other, std::uint64_t) {
      const bool its =
          (other.token != 0 && other.crc == crc) || (other.oldToken != 0 && other.oldCrc == crc);
      if (its) mismatch.kind = DataMismatch::Kind::Misplaced;
    });
  }
  return mismatch;
}

void Verifier::stampExpected(std::uint64_t slba, std::span<std::byte> data) noexcept {
  eachInRegion(slba, data.size() / stride(), false,
               [&](const BlockRecord& record, std::uint64_t lba) {
                 if (record.token != 0 && record.crc != zeroCrc_)
                   stamp(data.data() + (lba - slba) * stride(), lba, record.token);
               });
}

void Verifier::endFlush(std::uint64_t began) noexcept {
  std::uint64_t known = durable_.load();
  while (known < began && !durable_.compare_exchange_weak(known, began)) {
  }
}

void Verifier::forget(std::uint64_t slba, std::uint64_t count) noexcept {
  eachInRegion(slba, count, false, [](BlockRecord& record, std::uint64_t /*lba*/) {
    const std::uint64_t pending = record.pending;
    record = {};
    record.pending = pending & kPendingMask;
  });
}

std::uint64_t Verifier::beginUnknown(std::uint64_t slba, std::uint64_t count) noexcept {
  forget(slba, count);
  return disturbances_.begin(slba, count > UINT64_MAX - slba ? UINT64_MAX : slba + count);
}

void Verifier::endUnknown(std::uint64_t disturbance) noexcept {
  if (const auto [first, end] = disturbances_.end(disturbance, now()); first < end)
    forget(first, end - first);
}

void Verifier::copied(std::uint64_t source, std::uint64_t target, std::uint64_t count) noexcept {
  const std::uint64_t at = now();
  for (std::uint64_t i = 0; i < count; ++i) {
    BlockRecord from;
    eachInRegion(source + i, 1, false,
                 [&](const BlockRecord& record, std::uint64_t) { from = record; });
    const bool certain = from.token != 0 && from.pending == 0 && from.uncertain == 0;
    eachInRegion(target + i, 1, true, [&](BlockRecord& record, std::uint64_t) {
      const std::uint64_t pending = record.pending;
      record = {};
      record.pending = pending & kPendingMask;
      if (!certain) return;
      record.token = from.token;
      record.crc = from.crc;
      record.doneAt = at & kSequenceMask;
    });
  }
}

void Verifier::powerLost() noexcept {
  const std::scoped_lock lock(lossMutex_);
  losses_.push_back({durable_.load(), now()});
  hadLoss_.store(true, std::memory_order_release);
}

std::string describe(const DataMismatch& mismatch) {
  std::string text = "media: data mismatch at LBA " + std::to_string(mismatch.lba) + ": ";
  switch (mismatch.kind) {
    case DataMismatch::Kind::Misplaced:
      text += "misplaced, it holds the data of LBA " + std::to_string(mismatch.foundLba);
      break;
    case DataMismatch::Kind::Stale:
      text += "stale, it holds an older write";
      break;
    case DataMismatch::Kind::Corrupt:
      text += "corrupt";
      break;
  }
  return text + " (write token " + std::to_string(mismatch.foundToken) + ", expected " +
         std::to_string(mismatch.expectedToken) + ")";
}

}  // namespace doorbell::driver
