#include "emulator/nvm/limits.h"

#include "spec/reservation.h"

namespace doorbell::emulator::nvm_limits {

void describe(const BlockFormat& format, spec::IdentifyNamespace& id) noexcept {
  constexpr std::uint8_t kOwnAtomicity = 1U << 1U;      // NSABP
  constexpr std::uint8_t kDeallocatedError = 1U << 2U;  // DAE
  constexpr std::uint8_t kOptimalSizes = 1U << 4U;      // OPTPERF
  const auto atomic = static_cast<std::uint16_t>(atomicBlocks(format) - 1);
  id.nsfeat = kOwnAtomicity | kDeallocatedError | kOptimalSizes;
  id.nawun = id.nawupf = id.nacwu = atomic;
  id.nabsn = id.nabspf = atomic;  // 0 where a block is a granule: no boundaries
  id.npwg = id.npwa = id.npdg = id.npda = id.nows = atomic;
  id.mssrl = kCopyRangeBlocks;
  id.mcl = kCopyBlocks;
  id.msrc = kCopyRanges - 1;
}

}  // namespace doorbell::emulator::nvm_limits
