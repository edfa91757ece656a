#include "emulator/host_buffer.h"

#include <algorithm>
#include <cstring>

namespace doorbell::emulator {

namespace status = spec::status;

namespace {

/// PRP entries are dword aligned; only the first may have an offset into its page.
constexpr bool validOffset(std::uint64_t prp, std::uint64_t pageBytes, bool first) {
  return first ? prp % 4 == 0 : prp % pageBytes == 0;
}

}  // namespace

spec::Status HostBuffer::append(std::uint64_t busAddress, std::size_t bytes) noexcept {
  while (bytes > 0) {
    std::byte* data = dma_.at(busAddress);
    if (data == nullptr) return status::kDataTransferError;
    const std::size_t toPageEnd = IovaTable::kPageBytes - busAddress % IovaTable::kPageBytes;
    const std::size_t part = std::min(bytes, toPageEnd);
    if (count_ > 0 && segments_[count_ - 1].data + segments_[count_ - 1].bytes == data) {
      segments_[count_ - 1].bytes += part;
    } else {
      segments_[count_++] = {data, part};
    }
    busAddress += part;
    bytes -= part;
  }
  return status::kSuccess;
}

spec::Status HostBuffer::resolve(const spec::Sqe& sqe, std::size_t bytes,
                                 std::size_t pageBytes) noexcept {
  count_ = 0;
  current_ = 0;
  if (bytes > kMaxBytes) return status::kInvalidField;
  if (spec::psdtOf(sqe) != spec::Psdt::Prp) [[unlikely]]
    return resolveSgl(sqe, bytes);
  return resolvePrp(sqe, bytes, pageBytes);
}

spec::Status HostBuffer::resolvePrp(const spec::Sqe& sqe, std::size_t bytes,
                                    std::size_t pageBytes) noexcept {
  if (!validOffset(sqe.prp1, pageBytes, true)) return status::kPrpOffsetInvalid;
  const std::size_t first = std::min(bytes, pageBytes - sqe.prp1 % pageBytes);
  if (const auto bad = append(sqe.prp1, first); !bad.ok()) return bad;
  const std::size_t rest = bytes - first;
  if (rest == 0) return status::kSuccess;
  if (rest > pageBytes) return walkList(sqe.prp2, rest, pageBytes);
  if (!validOffset(sqe.prp2, pageBytes, false)) return status::kPrpOffsetInvalid;
  return append(sqe.prp2, rest);
}

/// A PRP List: the last entry of its page points to the next list page while more pages follow.
spec::Status HostBuffer::walkList(std::uint64_t list, std::size_t bytes,
                                  std::size_t pageBytes) noexcept {
  if (list % sizeof(std::uint64_t) != 0) return status::kPrpOffsetInvalid;
  while (bytes > 0) {
    auto* slot = reinterpret_cast<std::uint64_t*>(dma_.at(list));
    if (slot == nullptr) return status::kDataTransferError;
    // Relaxed: the doorbell ordered it; host software changing a list under way must only not tear.
    const std::uint64_t entry = std::atomic_ref(*slot).load(std::memory_order_relaxed);
    const bool last = (list + sizeof(std::uint64_t)) % pageBytes == 0;
    if (last && bytes > pageBytes) {
      if (entry % pageBytes != 0) return status::kPrpOffsetInvalid;
      list = entry;
      continue;
    }
    if (!validOffset(entry, pageBytes, false)) return status::kPrpOffsetInvalid;
    const std::size_t part = std::min(bytes, pageBytes);
    if (const auto bad = append(entry, part); !bad.ok()) return bad;
    bytes -= part;
    list += sizeof(std::uint64_t);
  }
  return status::kSuccess;
}

template <class Visit>
void HostBuffer::advance(std::size_t bytes, Visit visit) noexcept {
  std::size_t done = 0;
  while (done < bytes) {
    Segment& segment = segments_[current_];
    const std::size_t part = std::min(bytes - done, segment.bytes);
    visit(segment.data, done, part);
    segment.data += part;
    segment.bytes -= part;
    done += part;
    if (segment.bytes == 0) ++current_;
  }
}

void HostBuffer::write(const std::byte* from, std::size_t bytes) noexcept {
  advance(bytes, [from](std::byte* host, std::size_t done, std::size_t part) {
    std::memcpy(host, from + done, part);
  });
}

void HostBuffer::read(std::byte* to, std::size_t bytes) noexcept {
  advance(bytes, [to](const std::byte* host, std::size_t done, std::size_t part) {
    std::memcpy(to + done, host, part);
  });
}

bool HostBuffer::equals(const std::byte* with, std::size_t bytes) noexcept {
  bool same = true;
  advance(bytes, [with, &same](const std::byte* host, std::size_t done, std::size_t part) {
    same = same && std::memcmp(host, with + done, part) == 0;
  });
  return same;
}

}  // namespace doorbell::emulator
