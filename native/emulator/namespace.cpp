#include "emulator/namespace.h"

namespace doorbell::emulator {

void Namespace::adopt() noexcept {
  format_ = record_.format;
  lbaShift_ = format_.dataShift();
  metadataBytes_ = format_.metadataBytes();
  blocks_ = record_.blocks;
  writeProtection_ = record_.writeProtection;
  media_.setMetadataBytes(metadataBytes_);
}

void Namespace::erase() noexcept {
  cache_.flushAll();
  media_.eraseAll();
}

}  // namespace doorbell::emulator
