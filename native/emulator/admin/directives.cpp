#include "emulator/admin/directives.h"

#include <algorithm>

namespace doorbell::emulator {

void Directives::enableStreams(std::uint32_t nsid, bool enable) noexcept {
  Space& space = spaces_[nsid - 1];
  if (space.enabled == enable) return;
  if (!enable) space = {};
  space.enabled = enable;
  if (enable) {
    ++enabled_;
  } else {
    --enabled_;
  }
}

void Directives::remove(Space& space, std::uint16_t index) noexcept {
  auto* from = space.streams.data() + index;
  std::copy(from + 1, space.streams.data() + space.opened, from);
  --space.opened;
}

std::uint16_t Directives::allocatedToAll() const noexcept {
  std::uint16_t sum = 0;
  for (const Space& space : spaces_) sum = static_cast<std::uint16_t>(sum + space.allocated);
  return sum;
}

/// Open streams of namespaces without resources of their own.
std::uint16_t Directives::sharedOpen() const noexcept {
  std::uint16_t sum = 0;
  for (const Space& space : spaces_) {
    if (space.allocated == 0) sum = static_cast<std::uint16_t>(sum + space.opened);
  }
  return sum;
}

bool Directives::roomFor(const Space& space) const noexcept {
  if (space.allocated != 0) return space.opened < space.allocated;
  return sharedOpen() + allocatedToAll() < kMaxStreams;
}

/// Closes the stream of this namespace that was used longest ago, else one of the namespaces it
/// shares resources with.
void Directives::makeRoom(Space& space) noexcept {
  if (roomFor(space)) return;
  if (space.opened != 0) {
    remove(space, 0);
    return;
  }
  for (Space& other : spaces_) {
    if (other.allocated != 0 || other.opened == 0) continue;
    remove(other, 0);
    return;
  }
}

void Directives::use(std::uint32_t nsid, std::uint16_t stream) noexcept {
  Space& space = spaces_[nsid - 1];
  close(nsid, stream);
  makeRoom(space);
  // Namespaces with resources of their own may have taken them all.
  if (roomFor(space)) space.streams[space.opened++] = stream;
}

void Directives::close(std::uint32_t nsid, std::uint16_t stream) noexcept {
  Space& space = spaces_[nsid - 1];
  for (std::uint16_t i = 0; i < space.opened; ++i) {
    if (space.streams[i] != stream) continue;
    remove(space, i);
    return;
  }
}

std::uint16_t Directives::allocate(std::uint32_t nsid, std::uint16_t wanted) noexcept {
  Space& space = spaces_[nsid - 1];
  space.opened = 0;  // what was open used shared resources
  const int left = kMaxStreams - allocatedToAll() - sharedOpen();
  space.allocated = std::min(wanted, static_cast<std::uint16_t>(std::max(left, 0)));
  return space.allocated;
}

void Directives::release(std::uint32_t nsid) noexcept {
  Space& space = spaces_[nsid - 1];
  if (space.allocated == 0) return;
  space.allocated = 0;
  space.opened = 0;
}

spec::StreamParameters Directives::parameters(std::uint32_t nsid,
                                              std::uint32_t lbaShift) const noexcept {
  spec::StreamParameters page;
  page.maxStreams = kMaxStreams;
  page.available = static_cast<std::uint16_t>(kMaxStreams - allocatedToAll());
  page.open = sharedOpen();
  if (nsid == 0) return page;
  const Space& space = spaces_[nsid - 1];
  page.writeSize = kWriteBytes >> lbaShift;
  page.granularity = kGranularity;
  page.allocated = space.allocated;
  page.openInNamespace = space.opened;
  return page;
}

spec::StreamStatus<Directives::kMaxStreams> Directives::status(std::uint32_t nsid) const noexcept {
  spec::StreamStatus<kMaxStreams> page;
  auto* end = page.streams.data();
  for (std::uint32_t i = 0; i < kMaxNamespaces; ++i) {
    const Space& space = spaces_[i];
    if (nsid != 0 ? i != nsid - 1 : space.allocated != 0) continue;
    end = std::copy_n(space.streams.data(), space.opened, end);
  }
  std::sort(page.streams.data(), end);
  auto* last = std::unique(page.streams.data(), end);
  std::fill(last, end, std::uint16_t{0});
  page.count = static_cast<std::uint16_t>(last - page.streams.data());
  return page;
}

void Directives::forget(std::uint32_t nsid) noexcept { enableStreams(nsid, false); }

void Directives::closeAll() noexcept {
  for (Space& space : spaces_) space.opened = 0;
}

}  // namespace doorbell::emulator
