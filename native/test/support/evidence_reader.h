#pragma once

#include <unistd.h>

#include <optional>
#include <vector>

#include "driver/evidence_file.h"

namespace doorbell::test {

/// Reads an evidence file as another process would: by pread, following the reader's rules of the
/// layout.
class EvidenceReader {
 public:
  explicit EvidenceReader(int fd) : fd_(fd) {}

  [[nodiscard]] driver::evidence::FileHeader header() const {
    driver::evidence::FileHeader header;
    read(&header, 0, sizeof(header));
    return header;
  }
  [[nodiscard]] driver::evidence::QueueSegment queue(std::uint32_t segment) const {
    driver::evidence::QueueSegment queue;
    read(&queue, header().segments[segment].offset, sizeof(queue));
    return queue;
  }
  [[nodiscard]] driver::evidence::ControllerSegment controller(std::uint32_t segment) const {
    driver::evidence::ControllerSegment controller;
    read(&controller, header().segments[segment].offset, sizeof(controller));
    return controller;
  }
  /// Every consistent record of the ring, in order of slots.
  [[nodiscard]] std::vector<driver::evidence::CommandRecord> records(std::uint32_t segment) const {
    std::vector<driver::evidence::CommandRecord> records;
    const auto ring = queue(segment);
    const std::uint64_t base = header().segments[segment].offset + 4096;
    for (std::uint32_t slot = 0; slot < ring.ringSlots; ++slot) {
      if (const auto record = consistent(base + slot * sizeof(driver::evidence::CommandRecord)))
        records.push_back(*record);
    }
    return records;
  }

 private:
  [[nodiscard]] std::optional<driver::evidence::CommandRecord> consistent(std::uint64_t at) const {
    constexpr std::size_t kSequence = offsetof(driver::evidence::CommandRecord, sequence);
    for (int attempt = 0; attempt < 1000; ++attempt) {
      std::uint64_t before = 0;
      std::uint64_t after = 0;
      driver::evidence::CommandRecord record;
      read(&before, at + kSequence, sizeof(before));
      read(&record, at, sizeof(record));
      read(&after, at + kSequence, sizeof(after));
      if (before == 0) return std::nullopt;
      if (before == after && before % 2 == 0) return record;
    }
    return std::nullopt;
  }
  void read(void* into, std::uint64_t offset, std::size_t size) const {
    const auto got = pread(fd_, into, size, static_cast<off_t>(offset));
    if (got != static_cast<ssize_t>(size))
      throw std::runtime_error("short read of the evidence file");
  }

  int fd_;
};

}  // namespace doorbell::test
