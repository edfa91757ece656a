#include "emulator/serve/client_memory.h"

#include <sys/stat.h>

#include <cerrno>
#include <iterator>

#include "platform/guarded_mapping.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 42U;  ///< of one range: 4 TiB

bool whole(std::uint64_t value) { return value % IovaTable::kPageBytes == 0; }

/// Whether the file has these bytes: pages behind its end cannot be touched.
bool has(int file, std::uint64_t offset, std::uint64_t bytes) {
  struct stat about {};
  if (::fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) return false;
  const auto size = static_cast<std::uint64_t>(about.st_size);
  return offset <= size && bytes <= size - offset;
}

}  // namespace

ClientMemory::~ClientMemory() {
  for (const auto& [address, range] : ranges_) forget(address, range);
}

bool ClientMemory::overlaps(std::uint64_t address, std::uint64_t bytes) const noexcept {
  const auto next = ranges_.lower_bound(address);
  if (next != ranges_.end() && next->first - address < bytes) return true;
  if (next == ranges_.begin()) return false;
  const auto before = std::prev(next);
  return address - before->first < before->second.bytes;
}

int ClientMemory::map(const platform::vfio_user::DmaMap& wanted,
                      const platform::FileDescriptor* file) {
  namespace vfio_user = platform::vfio_user;
  const std::uint64_t bytes = wanted.size;
  if (bytes == 0 || bytes > kMaxBytes || !whole(bytes) || !whole(wanted.address)) return EINVAL;
  if (wanted.address > UINT64_MAX - bytes) return EINVAL;
  if (overlaps(wanted.address, bytes)) return EEXIST;
  if (ranges_.size() >= kMaxMappings) return ENOSPC;
  constexpr std::uint32_t kBoth = vfio_user::kDmaRead | vfio_user::kDmaWrite;
  if (file == nullptr || (wanted.flags & kBoth) != kBoth) {
    ranges_.emplace(wanted.address, Range{bytes, false});
    return 0;
  }
  if (!whole(wanted.offset) || !has(file->get(), wanted.offset, bytes)) return EINVAL;
  const auto memory = std::make_shared<platform::GuardedMapping>(file->get(), wanted.offset, bytes,
                                                                 std::uint8_t{0});
  if (memory->data() == nullptr) return errno;
  if (!table_->mapAt(wanted.address, {memory->data(), bytes}, memory)) return EEXIST;
  ranges_.emplace(wanted.address, Range{bytes, true});
  return 0;
}

int ClientMemory::unmap(const platform::vfio_user::DmaUnmap& wanted) {
  if ((wanted.flags & ~platform::vfio_user::kUnmapAll) != 0) return ENOTSUP;
  if ((wanted.flags & platform::vfio_user::kUnmapAll) != 0) {
    if (wanted.address != 0 || wanted.size != 0) return EINVAL;
    for (const auto& [address, range] : ranges_) forget(address, range);
    ranges_.clear();
    return 0;
  }
  const auto found = ranges_.find(wanted.address);
  if (found == ranges_.end() || found->second.bytes != wanted.size) return ENOENT;
  forget(found->first, found->second);
  ranges_.erase(found);
  return 0;
}

void ClientMemory::forget(std::uint64_t address, const Range& range) noexcept {
  if (range.reachable) table_->unmap(address);
}

}  // namespace doorbell::emulator
