#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "driver/controller_memory.h"
#include "platform/dma_domain.h"

namespace doorbell::driver {

/// Entries of a PRP list that names every page of a queue, chain pointers included.
[[nodiscard]] std::size_t pageListEntries(std::size_t pages, std::size_t pageBytes) noexcept;
/// Writes that list: `list` is page aligned at bus address `listBus`.
void buildPageList(std::span<const std::uint64_t> pages, std::size_t pageBytes, std::uint64_t* list,
                   std::uint64_t listBus) noexcept;

struct QueueShape {
  std::size_t bytes = 0;
  std::size_t pageBytes = 4096;  ///< CC.MPS
  bool contiguous = true;
};

/// The memory of one submission or completion queue: one piece for the host, and for the device
/// either physically contiguous, or (PC = 0) pages in reverse order, apart from each other, that a
/// PRP list names. Or a part of the Controller Memory Buffer, always contiguous.
class QueueMemory {
 public:
  /// `inController` null: host memory. Throws NO_MEMORY.
  QueueMemory(const std::shared_ptr<platform::DmaDomain>& domain, ControllerMemory* inController,
              const QueueShape& shape);
  ~QueueMemory();
  QueueMemory(const QueueMemory&) = delete;
  QueueMemory& operator=(const QueueMemory&) = delete;

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  /// For PRP Entry 1 of the Create command, or ASQ and ACQ.
  [[nodiscard]] std::uint64_t bus() const noexcept { return bus_; }

 private:
  void scatter(std::size_t pages, std::size_t pageBytes);

  platform::DmaMapping memory_;
  platform::DmaMapping list_;
  ControllerMemory::Piece piece_;
  std::byte* data_ = nullptr;
  std::uint64_t bus_ = 0;
  std::byte* view_ = nullptr;  ///< the scattered pages side by side
  std::size_t viewBytes_ = 0;
};

}  // namespace doorbell::driver
