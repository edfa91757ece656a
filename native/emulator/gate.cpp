#include "emulator/gate.h"

#include <thread>

namespace doorbell::emulator {

void Gate::awaitAside(unsigned shard) const noexcept {
  constexpr unsigned kSpins = 256;  ///< then the processor is left to whom is waited for
  for (unsigned turns = 0; aside_[shard].value.load() == 0; ++turns) {
    if (turns < kSpins) {
      __builtin_ia32_pause();
    } else {
      std::this_thread::yield();
    }
  }
}

}  // namespace doorbell::emulator
