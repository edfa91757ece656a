#include "emulator/doorbell_page.h"

namespace doorbell::emulator {

DoorbellPage::DoorbellPage() : page_(MappedRegion::anonymous(kBytes)) { closeAll(); }

void DoorbellPage::closeAll() noexcept {
  for (std::uint32_t i = 0; i < kBytes / sizeof(std::uint32_t); ++i) store(i, kUnused);
}

}  // namespace doorbell::emulator
