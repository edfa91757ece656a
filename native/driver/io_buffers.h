#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "driver/io_worker_spec.h"
#include "driver/prp.h"
#include "platform/dma_domain.h"

namespace doorbell::driver {

/// The data of one ioworker: a read buffer and a write buffer per CID (only those its mix needs),
/// each with its own PRP list. Write buffers hold a pattern made from the seed, never zeros.
class IoBuffers {
 public:
  IoBuffers(const IoWorkerSpec& spec, const std::shared_ptr<platform::DmaDomain>& domain,
            std::size_t pageBytes);

  /// The data pointer of command `cid` for `bytes` bytes; builds its PRP list.
  [[nodiscard]] Prp prp(std::uint16_t cid, bool read, std::uint64_t bytes) noexcept;
  /// The bytes themselves.
  [[nodiscard]] std::span<std::byte> data(std::uint16_t cid, bool read,
                                          std::uint64_t bytes) const noexcept {
    return {data_.data() + slot(cid, read) * slotBytes_, bytes};
  }

 private:
  [[nodiscard]] std::size_t slot(std::uint16_t cid, bool read) const noexcept;

  std::size_t pageBytes_;
  std::size_t qdepth_;
  bool mixed_;
  std::size_t slotBytes_;
  std::size_t listBytes_;
  platform::DmaMapping data_;
  platform::DmaMapping lists_;
};

}  // namespace doorbell::driver
