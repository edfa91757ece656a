#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "support/evidence_reader.h"
#include "support/rig.h"

namespace doorbell::test {

/// A rig with one I/O queue pair, a buffer, and the events the driver told.
struct QpairRig : Rig {
  explicit QpairRig(std::uint32_t depth = 4, bool interrupts = true) {
    initialize();
    (void)controller->addEventHandler([this](const driver::DriverEvent& event) {
      const std::scoped_lock lock(mutex);
      events.push_back(event);
    });
    qpair = controller->createQpair({.depth = depth, .interrupts = interrupts});
  }
  std::vector<driver::DriverEvent> seenEvents() {
    const std::scoped_lock lock(mutex);
    return events;
  }
  std::vector<driver::evidence::CommandRecord> log() {
    return EvidenceReader(evidence->fd()).records(qpair->segment());
  }
  std::mutex mutex;
  std::vector<driver::DriverEvent> events;
  std::shared_ptr<driver::Qpair> qpair;
  std::shared_ptr<driver::DmaBuffer> buffer = driver::DmaBuffer::allocate(4096);
};

}  // namespace doorbell::test
