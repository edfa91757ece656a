#include "driver/io_buffers.h"

#include <algorithm>
#include <cstring>

namespace doorbell::driver {
namespace {

/// Dataset Management, Figure "Range Definition" (NVM Command Set 1.0).
struct DsmRange {
  std::uint32_t contextAttributes = 0;
  std::uint32_t blocks = 0;
  std::uint64_t slba = 0;
};
static_assert(sizeof(DsmRange) == 16);

std::size_t roundUp(std::size_t bytes, std::size_t page) {
  return (bytes + page - 1) / page * page;
}

bool needs(const std::vector<IoOp>& ops, IoOp::Data kind) {
  return std::any_of(ops.begin(), ops.end(), [kind](const IoOp& op) { return op.data == kind; });
}

}  // namespace

IoBuffers::IoBuffers(const IoWorkerSpec& spec, const std::shared_ptr<platform::DmaDomain>& domain,
                     std::size_t pageBytes)
    : pageBytes_(pageBytes) {
  const auto ops = spec.opTable();
  const std::size_t bytes = std::size_t{spec.mostBlocks()} * spec.lbaBytes;
  slotBytes_ = roundUp(bytes, pageBytes);
  listBytes_ = prpListPages(0, bytes, pageBytes) * pageBytes;
  std::size_t slots = needs(ops, IoOp::Data::ToHost) ? spec.qdepth : 0;
  fromHost_ = slots;
  if (needs(ops, IoOp::Data::FromHost)) slots += spec.qdepth;
  if (needs(ops, IoOp::Data::Range)) {
    ranges_ = {domain,
               platform::HostMemory::allocate(roundUp(spec.qdepth * sizeof(DsmRange), pageBytes))};
  }
  if (slots == 0) return;
  data_ = {domain, platform::HostMemory::allocate(slots * slotBytes_)};
  if (listBytes_ > 0) lists_ = {domain, platform::HostMemory::allocate(slots * listBytes_)};
  listed_.resize(slots);
  fillWith(spec.data, {data_.data() + fromHost_ * slotBytes_, (slots - fromHost_) * slotBytes_});
}

Prp IoBuffers::range(std::uint16_t cid, const IoCommand& command) noexcept {
  const DsmRange range{.blocks = command.blocks, .slba = command.slba};
  std::memcpy(ranges_.data() + cid * sizeof(range), &range, sizeof(range));
  return {ranges_.busAddress() + cid * sizeof(range), 0};
}

/// A list built for another length would lead a device that reads too far to pages of this one.
Prp IoBuffers::longPrp(std::size_t slot, std::uint64_t bus, std::uint64_t bytes) noexcept {
  if (bytes <= 2 * pageBytes_) return {bus, bus + pageBytes_};
  const std::uint64_t listBus = lists_.busAddress() + slot * listBytes_;
  if (listed_[slot] == bytes) return {bus, listBus};
  listed_[slot] = bytes;
  auto* entries = reinterpret_cast<std::uint64_t*>(lists_.data() + slot * listBytes_);
  return buildPrp(bus, bytes, pageBytes_, entries, listBus);
}

}  // namespace doorbell::driver
