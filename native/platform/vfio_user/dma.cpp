#include "platform/vfio_user/dma.h"

#include <map>
#include <mutex>
#include <utility>

#include "platform/iova_allocator.h"

namespace doorbell::platform::vfio_user {

namespace {

/// The server's memory map of us: what it may reach, and nothing more.
class Dma final : public DmaDomain {
 public:
  explicit Dma(std::shared_ptr<Link> link) : link_(std::move(link)) {}

  std::uint64_t map(std::shared_ptr<HostMemory> memory) override {
    const std::uint64_t address = iova_.take(memory->size());
    const DmaMap request{.argsz = sizeof(DmaMap),
                         .flags = kDmaRead | kDmaWrite,
                         .address = address,
                         .size = memory->size()};
    const int fd = memory->fd();
    try {
      (void)link_->call(Command::DmaMap, "mapping memory", bytesOf(request), {&fd, 1});
    } catch (const Error& error) {
      iova_.give(address);
      // A server that is gone reaches nothing: who maps finds out by what it does next.
      if (link_->ended()) return address;
      throw Error("DMA_MAP_FAILED", error.what());
    }
    const std::lock_guard lock(mutex_);
    mapped_[address] = std::move(memory);
    return address;
  }

  void unmap(std::uint64_t busAddress) noexcept override {
    std::shared_ptr<HostMemory> memory;
    {
      const std::lock_guard lock(mutex_);
      auto node = mapped_.extract(busAddress);
      if (node.empty()) return;
      memory = std::move(node.mapped());
    }
    const DmaUnmap request{
        .argsz = sizeof(DmaUnmap), .address = busAddress, .size = memory->size()};
    try {
      (void)link_->call(Command::DmaUnmap, "unmapping memory", bytesOf(request));
    } catch (const Error&) {
      // It may still have the memory: only the end of the connection takes it away for sure.
      if (!link_->ended()) link_->hangUp();
    }
    iova_.give(busAddress);
  }

 private:
  const std::shared_ptr<Link> link_;
  IovaAllocator iova_{IovaAllocator::everywhere()};
  std::mutex mutex_;
  std::map<std::uint64_t, std::shared_ptr<HostMemory>> mapped_;
};

}  // namespace

std::shared_ptr<DmaDomain> makeDma(std::shared_ptr<Link> link) {
  return std::make_shared<Dma>(std::move(link));
}

}  // namespace doorbell::platform::vfio_user
