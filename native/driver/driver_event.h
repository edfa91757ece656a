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
  /// Of a malformed completion: 'unknown-cid', 'duplicate-cid', 'wrong-sqid', 'unexpected-queue' or
  /// 'sq-head'.
  std::string reason{};
  std::optional<spec::Cqe> cqe{};
  std::optional<std::uint16_t> qid{};  ///< the queue pair in whose completion queue it was
};

}  // namespace doorbell::driver
