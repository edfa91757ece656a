#include "emulator/doorbell_page.h"

namespace doorbell::emulator {

DoorbellPage::DoorbellPage(const BarLayout& layout)
    : page_(MappedRegion::shareable(spec::reg::kDoorbells, layout.doorbellBytes(), fd_)),
      stride_(layout.stride),
      count_(layout.doorbellBytes() >> (2 + layout.stride)) {
  closeAll();
}

void DoorbellPage::closeAll() noexcept {
  for (std::uint32_t i = 0; i < count_; ++i) store(i, kUnused);
}

}  // namespace doorbell::emulator
