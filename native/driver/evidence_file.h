#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "driver/evidence_layout.h"

namespace doorbell::driver {

class Clock;
class EvidenceFile;

/// One segment of the evidence file, mapped for writing at an address that never moves. Its
/// destructor unmaps it; the bytes stay readable in the file until they are recycled.
class EvidenceSegment {
 public:
  EvidenceSegment() = default;
  EvidenceSegment(std::shared_ptr<EvidenceFile> file, std::uint32_t id, std::byte* data,
                  std::size_t size) noexcept;
  EvidenceSegment(EvidenceSegment&& other) noexcept;
  EvidenceSegment& operator=(EvidenceSegment&& other) noexcept;
  ~EvidenceSegment();

  /// Index in the file's directory.
  [[nodiscard]] std::uint32_t id() const noexcept { return id_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] explicit operator bool() const noexcept { return data_ != nullptr; }
  [[nodiscard]] evidence::ControllerSegment& controller() const noexcept {
    return *reinterpret_cast<evidence::ControllerSegment*>(data_);
  }
  [[nodiscard]] evidence::QueueSegment& queue() const noexcept {
    return *reinterpret_cast<evidence::QueueSegment*>(data_);
  }
  [[nodiscard]] evidence::CommandRecord* records() const noexcept {
    return reinterpret_cast<evidence::CommandRecord*>(data_ + 4096);
  }

 private:
  std::shared_ptr<EvidenceFile> file_;
  std::uint32_t id_ = 0;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// What is known of a queue pair when its segment is made.
struct QueueEvidence {
  std::uint32_t controllerSegment = 0;
  std::uint32_t qid = 0;
  std::uint32_t depth = 0;
  std::uint32_t lbaBytes = 0;
  std::string owner;
};

/// The evidence file of this process (see evidence_layout.h): grows by one mapping a segment, keeps
/// every queue of the run, and recycles the oldest deleted ones only beyond its limits. Thread
/// safe.
class EvidenceFile : public std::enable_shared_from_this<EvidenceFile> {
 public:
  struct Limits {
    std::size_t segments = evidence::kMaxSegments;
    std::uint64_t bytes = 512ULL << 20U;
  };

  /// Makes the file, mode 0600. Throws Error{"EVIDENCE"} when it exists or cannot be made.
  static std::shared_ptr<EvidenceFile> create(const std::string& path, const Clock& clock,
                                              Limits limits);
  static std::shared_ptr<EvidenceFile> create(const std::string& path, const Clock& clock) {
    return create(path, clock, Limits{});
  }
  /// The same in memory only, where nobody asked for a file.
  static std::shared_ptr<EvidenceFile> anonymous(const Clock& clock, Limits limits);
  static std::shared_ptr<EvidenceFile> anonymous(const Clock& clock) {
    return anonymous(clock, Limits{});
  }
  ~EvidenceFile();
  EvidenceFile(const EvidenceFile&) = delete;
  EvidenceFile& operator=(const EvidenceFile&) = delete;

  EvidenceSegment addController(const std::string& address, std::uint64_t openedTicks);
  EvidenceSegment addQueue(const QueueEvidence& queue, std::uint64_t createdTicks);
  /// Its last state stays readable; from now on it may be recycled.
  void retire(std::uint32_t id) noexcept;
  /// Publishes a newer reading of the clocks.
  void updateClock(const evidence::ClockPoint& point) noexcept;

  [[nodiscard]] int fd() const noexcept { return fd_; }
  /// Ring slots a queue of that depth gets: a power of two >= kMinRing + depth.
  [[nodiscard]] static std::uint32_t ringSlots(std::uint32_t depth) noexcept;

 private:
  EvidenceFile(int fd, const Clock& clock, Limits limits);
  struct Taken {
    std::uint32_t id;
    std::byte* data;
  };
  [[nodiscard]] Taken take(std::uint64_t size);
  [[nodiscard]] std::uint32_t entryFor(std::uint64_t size);
  [[nodiscard]] bool takeVacant(std::uint64_t size, std::uint32_t& id) noexcept;
  [[nodiscard]] bool recycleOldest(std::uint64_t size, std::uint32_t& id);
  [[nodiscard]] std::uint32_t relocateOldest(std::uint64_t size);
  void place(std::uint32_t id, std::uint64_t size);
  [[nodiscard]] bool controllerInUse(std::uint32_t id) const noexcept;
  [[nodiscard]] evidence::SegmentEntry& entry(std::uint32_t id) noexcept {
    return header_->segments[id];
  }
  void publish(std::uint32_t id, evidence::SegmentKind kind) noexcept;
  /// Its bytes are gone; it may hold another segment of its size.
  void vacate(std::uint32_t id) noexcept;
  bool vacateOldest() noexcept;
  [[nodiscard]] bool reserve(std::uint32_t id) noexcept;
  void releaseUnused(std::uint32_t id) noexcept;

  std::mutex mutex_;
  int fd_;
  evidence::FileHeader* header_ = nullptr;
  Limits limits_;
  std::uint64_t end_ = evidence::kHeaderBytes;
  std::vector<std::uint32_t> retired_;       ///< oldest first
  std::vector<std::uint32_t> vacant_;        ///< recycled, and used by nobody yet
  std::vector<std::uint32_t> controllerOf_;  ///< per entry: the controller segment it belongs to
};

}  // namespace doorbell::driver
