#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "spec/queue_entry.h"

namespace doorbell::driver {

/// Something the driver noticed outside any command: 'power-lost', 'removed' or
/// 'malformed-completion'.
struct DriverEvent {
  std::string kind;
  std::string message;
  std::optional<spec::Cqe> cqe;
  std::optional<std::uint16_t> qid;
};

}  // namespace doorbell::driver
