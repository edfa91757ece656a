#pragma once

#include <string>
#include <string_view>

#include "emulator/ssd_options.h"

namespace doorbell::platform {

/// Is it an option about queues and the memory they may lie in, and what is wrong with its value?
/// "" for nothing.
struct QueueOption {
  bool known = false;
  std::string problem;
};

/// Takes over one option about queues.
QueueOption takeQueueOption(emulator::SsdOptions& options, std::string_view name,
                            std::string_view value);

/// For the message about an option that does not exist.
inline constexpr char kQueueOptionNames[] = "dstrd, cqr, cmb";

}  // namespace doorbell::platform
