#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "driver/io_worker_spec.h"
#include "driver/prp.h"
#include "platform/dma_domain.h"

namespace doorbell::driver {

/// The data of one ioworker: for each CID a buffer to the host, one from the host and a Dataset
/// Management range (only those its mix needs), each with its own PRP list. Data from the host is
/// made once, before the start.
class IoBuffers {
 public:
  IoBuffers(const IoWorkerSpec& spec, const std::shared_ptr<platform::DmaDomain>& domain,
            std::size_t pageBytes);

  /// The data pointer of command `cid` for `bytes` bytes; builds its PRP list where it needs one.
  [[nodiscard]] Prp prp(std::uint16_t cid, IoOp::Data kind, std::uint64_t bytes) noexcept {
    const std::size_t index = slot(cid, kind);
    const std::uint64_t bus = data_.busAddress() + index * slotBytes_;
    if (bytes <= pageBytes_) return {bus, 0};
    return longPrp(index, bus, bytes);
  }
  /// The bytes themselves.
  [[nodiscard]] std::span<std::byte> data(std::uint16_t cid, IoOp::Data kind,
                                          std::uint64_t bytes) const noexcept {
    return {data_.data() + slot(cid, kind) * slotBytes_, bytes};
  }
  /// Writes the one range of a Dataset Management command, and returns where it is.
  [[nodiscard]] Prp range(std::uint16_t cid, const IoCommand& command) noexcept;

 private:
  [[nodiscard]] std::size_t slot(std::uint16_t cid, IoOp::Data kind) const noexcept {
    return kind == IoOp::Data::FromHost ? fromHost_ + cid : cid;
  }
  [[nodiscard]] Prp longPrp(std::size_t slot, std::uint64_t bus, std::uint64_t bytes) noexcept;

  std::size_t pageBytes_;
  std::size_t fromHost_ = 0;  ///< slot of CID 0's data from the host
  std::size_t slotBytes_;
  std::size_t listBytes_;
  platform::DmaMapping data_;
  platform::DmaMapping lists_;
  platform::DmaMapping ranges_;
  std::vector<std::uint64_t> listed_;  ///< by slot: for how many bytes its list was built
};

}  // namespace doorbell::driver
