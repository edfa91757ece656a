#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "driver/dma_buffer.h"

namespace doorbell::driver {

/// A range of a DMA buffer; without buffer, an SGL bit bucket of that length.
struct MemoryPiece {
  std::shared_ptr<DmaBuffer> buffer;
  std::size_t offset = 0;
  std::size_t length = 0;
};

/// How the data pointer (DPTR) of a command is made.
enum class Pointers {
  Prp,      ///< PRP1, PRP2 and a PRP list
  Sgl,      ///< SGL1 and segments; PSDT is set
  AsGiven,  ///< nothing is built: buffers are only kept from being freed
};

/// What a command moves, and how the device is told.
struct Transfer {
  std::vector<MemoryPiece> data{};        ///< PRP: at most one
  std::optional<MemoryPiece> metadata{};  ///< MPTR
  Pointers pointers = Pointers::Prp;
  bool metadataSgl = false;                 ///< MPTR is an SGL segment (PSDT 10b)
  std::uint32_t descriptorsPerSegment = 0;  ///< SGL: the most of one segment; 0 = all in one
  std::optional<std::uint16_t> cid{};       ///< instead of the next in rotation
  std::uint32_t timeoutMs = 0;              ///< 0 = none
};

}  // namespace doorbell::driver
