#include "driver/io_buffers.h"

#include <cstring>

#include "driver/random.h"

namespace doorbell::driver {

IoBuffers::IoBuffers(const IoWorkerSpec& spec, const std::shared_ptr<platform::DmaDomain>& domain,
                     std::size_t pageBytes)
    : pageBytes_(pageBytes),
      qdepth_(spec.qdepth),
      mixed_(spec.readPercent > 0 && spec.readPercent < 100),
      slotBytes_((spec.ioBytes() + pageBytes - 1) / pageBytes * pageBytes),
      listBytes_(prpListPages(0, spec.ioBytes(), pageBytes) * pageBytes) {
  const std::size_t slots = mixed_ ? 2 * qdepth_ : qdepth_;
  data_ = {domain, platform::HostMemory::allocate(slots * slotBytes_)};
  if (listBytes_ > 0) lists_ = {domain, platform::HostMemory::allocate(slots * listBytes_)};
  if (spec.readPercent == 100) return;
  Random random(spec.seed);
  std::byte* first = data_.data() + slot(0, false) * slotBytes_;
  for (std::size_t i = 0; i < qdepth_ * slotBytes_; i += sizeof(std::uint64_t)) {
    const std::uint64_t word = random.next() | 0x0101010101010101ULL;
    std::memcpy(first + i, &word, sizeof(word));
  }
}

std::size_t IoBuffers::slot(std::uint16_t cid, bool read) const noexcept {
  return mixed_ && !read ? qdepth_ + cid : cid;
}

Prp IoBuffers::prp(std::uint16_t cid, bool read, std::uint64_t bytes) noexcept {
  const std::size_t index = slot(cid, read);
  const std::size_t list = index * listBytes_;
  auto* entries =
      listBytes_ == 0 ? nullptr : reinterpret_cast<std::uint64_t*>(lists_.data() + list);
  return buildPrp(data_.busAddress() + index * slotBytes_, bytes, pageBytes_, entries,
                  listBytes_ == 0 ? 0 : lists_.busAddress() + list);
}

}  // namespace doorbell::driver
