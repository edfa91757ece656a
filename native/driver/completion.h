#pragma once

#include <cstdint>

#include "driver/evidence_layout.h"
#include "spec/queue_entry.h"

namespace doorbell::driver {

/// How one command ended.
struct Completion {
  spec::Cqe cqe;  ///< zeros unless the device posted it
  std::uint64_t submitTicks = 0;
  std::uint64_t completeTicks = 0;
  std::uint64_t sequence = 0;  ///< 1-based number of the command on its queue
  std::uint16_t cid = 0;
  evidence::Outcome outcome = evidence::Outcome::InFlight;
  /// Its time-out was delivered before: only frees what the command held.
  bool late = false;
};

/// What is wrong with a completion queue entry.
enum class Malformed {
  UnknownCid,       ///< no command of this queue ever had it
  DuplicateCid,     ///< its command is over
  WrongSqId,        ///< no submission queue has that identifier
  UnexpectedQueue,  ///< another live queue's: it belongs into that one's completion queue
  SqHeadOutOfRange,
};

class MalformedSink {
 public:
  virtual ~MalformedSink() = default;
  virtual void malformed(std::uint16_t qid, const spec::Cqe& cqe, Malformed reason) noexcept = 0;
};

}  // namespace doorbell::driver
