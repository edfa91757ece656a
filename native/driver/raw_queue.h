#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "driver/command_log.h"
#include "driver/evidence_file.h"

namespace doorbell::driver {

class ControllerCore;

/// The evidence of a queue that a test runs by itself (metamode): what it says it sent and got.
/// Whatever it says is logged; nothing is judged. Thread safe.
class RawQueue {
 public:
  RawQueue(std::shared_ptr<ControllerCore> core, std::uint16_t qid, std::uint32_t depth);
  ~RawQueue();
  RawQueue(const RawQueue&) = delete;
  RawQueue& operator=(const RawQueue&) = delete;

  /// Id of the queue's segment in the evidence file.
  [[nodiscard]] std::uint32_t segment() const noexcept { return segment_.id(); }
  /// The device can see this command from now on; returns its number on the queue, from 1.
  std::uint64_t submitted(const spec::Sqe& sqe, std::uint32_t bytes);
  /// This completion was read; false when no command submitted here has its CID.
  bool completed(const spec::Cqe& cqe);

 private:
  using Open = std::pair<std::uint16_t, evidence::CommandRecord*>;
  void close(const Open& open, const spec::Cqe& cqe, evidence::Outcome outcome) noexcept;

  std::shared_ptr<ControllerCore> core_;
  EvidenceSegment segment_;
  std::mutex mutex_;
  CommandLog log_;
  std::deque<Open> open_;  ///< oldest first; a CID may be there twice
  std::size_t most_;
};

}  // namespace doorbell::driver
