#include "driver/evidence_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <new>

#include "driver/clock.h"
#include "driver/command_log.h"
#include "platform/error.h"

namespace doorbell::driver {
namespace {

using evidence::SegmentKind;
constexpr std::size_t kSegmentHeader = 4096;
constexpr std::uint32_t kNoController = UINT32_MAX;
constexpr const char* kNoRoom =
    "its file system (a tmpfs such as /dev/shm) has no room for it; free some or make it larger";

[[noreturn]] void fail(const std::string& what) {
  throw Error("EVIDENCE", "the evidence file: " + what + ": " + std::strerror(errno));
}

std::byte* mapShared(int fd, std::uint64_t offset, std::size_t size) {
  void* data =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (data == MAP_FAILED) fail("mmap");
  return static_cast<std::byte*>(data);
}

/// A file system that cannot promise room is trusted to have it.
bool allocate(int fd, off_t offset, off_t size) noexcept {
  int result = 0;
  do {
    result = fallocate(fd, 0, offset, size);
  } while (result != 0 && errno == EINTR);
  return result == 0 || errno == EOPNOTSUPP;
}

template <std::size_t N>
void copyText(std::array<char, N>& target, const std::string& text) {
  std::memcpy(target.data(), text.data(), std::min(text.size(), N));
}

}  // namespace

EvidenceSegment::EvidenceSegment(std::shared_ptr<EvidenceFile> file, std::uint32_t id,
                                 std::byte* data, std::size_t size) noexcept
    : file_(std::move(file)), id_(id), data_(data), size_(size) {}

EvidenceSegment::EvidenceSegment(EvidenceSegment&& other) noexcept { *this = std::move(other); }

EvidenceSegment& EvidenceSegment::operator=(EvidenceSegment&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(id_, other.id_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

EvidenceSegment::~EvidenceSegment() {
  if (data_ != nullptr) munmap(data_, size_);
}

std::shared_ptr<EvidenceFile> EvidenceFile::create(const std::string& path, const Clock& clock,
                                                   Limits limits) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) fail("cannot make " + path);
  try {
    return std::shared_ptr<EvidenceFile>(new EvidenceFile(fd, clock, limits));
  } catch (...) {
    close(fd);
    unlink(path.c_str());
    throw;
  }
}

std::shared_ptr<EvidenceFile> EvidenceFile::anonymous(const Clock& clock, Limits limits) {
  const int fd = memfd_create("doorbell-evidence", MFD_CLOEXEC);
  if (fd < 0) fail("memfd_create");
  try {
    return std::shared_ptr<EvidenceFile>(new EvidenceFile(fd, clock, limits));
  } catch (...) {
    close(fd);
    throw;
  }
}

EvidenceFile::EvidenceFile(int fd, const Clock& clock, Limits limits) : fd_(fd), limits_(limits) {
  limits_.segments = std::min(limits_.segments, evidence::kMaxSegments);
  if (ftruncate(fd_, static_cast<off_t>(end_)) != 0) fail("ftruncate");
  if (!allocate(fd_, 0, static_cast<off_t>(end_))) fail(kNoRoom);
  header_ = new (mapShared(fd_, 0, evidence::kHeaderBytes)) evidence::FileHeader;
  header_->pid = static_cast<std::uint32_t>(getpid());
  header_->ticksPerSecond = clock.ticksPerSecond();
  header_->first = clock.first();
  header_->latest = clock.first();
}

EvidenceFile::~EvidenceFile() {
  munmap(header_, evidence::kHeaderBytes);
  close(fd_);
}

std::uint32_t EvidenceFile::ringSlots(std::uint32_t depth) noexcept {
  return std::bit_ceil(static_cast<std::uint32_t>(evidence::kMinRing) + depth);
}

void EvidenceFile::publish(std::uint32_t id, SegmentKind kind) noexcept {
  shared::store(entry(id).kind, kind, std::memory_order_release);
}

EvidenceSegment EvidenceFile::addController(const std::string& address, std::uint64_t openedTicks) {
  const std::scoped_lock lock(mutex_);
  const Taken taken = take(kSegmentHeader);
  controllerOf_[taken.id] = kNoController;
  auto* controller = new (taken.data) evidence::ControllerSegment;
  copyText(controller->address, address);
  controller->openedTicks = openedTicks;
  publish(taken.id, SegmentKind::Controller);
  return {shared_from_this(), taken.id, taken.data, kSegmentHeader};
}

EvidenceSegment EvidenceFile::addQueue(const QueueEvidence& queue, std::uint64_t createdTicks) {
  const std::uint32_t slots = ringSlots(queue.depth);
  const std::size_t size = kSegmentHeader + slots * sizeof(evidence::CommandRecord);
  const std::scoped_lock lock(mutex_);
  const Taken taken = take(size);
  controllerOf_[taken.id] = queue.controllerSegment;
  auto* segment = new (taken.data) evidence::QueueSegment;
  segment->controllerSegment = queue.controllerSegment;
  segment->qid = queue.qid;
  segment->depth = queue.depth;
  segment->ringSlots = slots;
  segment->state = static_cast<std::uint32_t>(evidence::QueueState::Live);
  segment->lbaBytes = queue.lbaBytes;
  segment->createdTicks = createdTicks;
  segment->nextSequence = 1;
  copyText(segment->owner, queue.owner);
  publish(taken.id, SegmentKind::Queue);
  return {shared_from_this(), taken.id, taken.data, size};
}

void EvidenceFile::retire(std::uint32_t id) noexcept {
  const std::scoped_lock lock(mutex_);
  releaseUnused(id);
  retired_.push_back(id);
}

void EvidenceFile::updateClock(const evidence::ClockPoint& point) noexcept {
  auto& latest = header_->latest;
  const std::uint64_t sequence = shared::load(latest.sequence);
  shared::store(latest.sequence, sequence + 1);
  // Release: each stays behind the odd sequence.
  shared::store(latest.ticks, point.ticks, std::memory_order_release);
  shared::store(latest.monotonicNs, point.monotonicNs, std::memory_order_release);
  shared::store(latest.realtimeNs, point.realtimeNs, std::memory_order_release);
  shared::store(latest.sequence, sequence + 2, std::memory_order_release);
}

/// An entry of that size with its bytes zero, mapped, and backed by memory: a full tmpfs is said
/// here, not by a SIGBUS at some command.
EvidenceFile::Taken EvidenceFile::take(std::uint64_t size) {
  const std::uint32_t id = entryFor(size);
  try {
    while (!reserve(id)) {
      if (errno != ENOSPC || !vacateOldest()) fail(kNoRoom);
    }
    return {id, mapShared(fd_, entry(id).offset, size)};
  } catch (...) {
    vacant_.push_back(id);
    throw;
  }
}

bool EvidenceFile::reserve(std::uint32_t id) noexcept {
  return allocate(fd_, static_cast<off_t>(entry(id).offset), static_cast<off_t>(entry(id).size));
}

std::uint32_t EvidenceFile::entryFor(std::uint64_t size) {
  const std::uint32_t count = header_->segmentCount;
  std::uint32_t id = 0;
  if (takeVacant(size, id)) return id;
  const bool full = count >= limits_.segments || end_ + size > limits_.bytes;
  if (full && recycleOldest(size, id)) return id;
  if (count >= evidence::kMaxSegments) return relocateOldest(size);
  place(count, size);
  entry(count).id = count;
  controllerOf_.push_back(kNoController);
  shared::store(header_->segmentCount, count + 1, std::memory_order_release);
  return count;
}

/// Makes room for an entry at the end of the file.
void EvidenceFile::place(std::uint32_t id, std::uint64_t size) {
  if (ftruncate(fd_, static_cast<off_t>(end_ + size)) != 0) fail("cannot grow");
  entry(id).offset = end_;
  entry(id).size = size;
  end_ += size;
}

bool EvidenceFile::takeVacant(std::uint64_t size, std::uint32_t& id) noexcept {
  const auto found = std::find_if(vacant_.begin(), vacant_.end(), [&](std::uint32_t candidate) {
    return entry(candidate).size == size;
  });
  if (found == vacant_.end()) return false;
  id = *found;
  vacant_.erase(found);
  return true;
}

bool EvidenceFile::recycleOldest(std::uint64_t size, std::uint32_t& id) {
  const auto found = std::find_if(retired_.begin(), retired_.end(), [&](std::uint32_t candidate) {
    return entry(candidate).size == size && !controllerInUse(candidate);
  });
  if (found == retired_.end()) return false;
  id = *found;
  retired_.erase(found);
  vacate(id);
  return true;
}

/// The directory is full, and nothing of that size is to be had: the oldest of any size makes way.
std::uint32_t EvidenceFile::relocateOldest(std::uint64_t size) {
  if (vacant_.empty() && !vacateOldest()) {
    throw Error("EVIDENCE", "the evidence file has no room for one more queue pair (" +
                                std::to_string(header_->segmentCount) +
                                " are live): delete some first");
  }
  const std::uint32_t id = vacant_.back();
  place(id, size);
  vacant_.pop_back();
  return id;
}

bool EvidenceFile::vacateOldest() noexcept {
  const auto found = std::find_if(retired_.begin(), retired_.end(), [&](std::uint32_t candidate) {
    return !controllerInUse(candidate);
  });
  if (found == retired_.end()) return false;
  const std::uint32_t id = *found;
  retired_.erase(found);
  vacate(id);
  vacant_.push_back(id);
  return true;
}

void EvidenceFile::vacate(std::uint32_t id) noexcept {
  publish(id, SegmentKind::Free);
  controllerOf_[id] = kNoController;
  const auto offset = static_cast<off_t>(entry(id).offset);
  const auto size = static_cast<off_t>(entry(id).size);
  if (fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size) == 0) return;
  // No holes here: zeros, by hand.
  static constexpr std::array<std::byte, 4096> kZeros{};
  for (off_t at = 0; at < size; at += static_cast<off_t>(kZeros.size())) {
    if (pwrite(fd_, kZeros.data(), kZeros.size(), offset + at) < 0) return;
  }
}

/// Gives back the part of a ring that was never written.
void EvidenceFile::releaseUnused(std::uint32_t id) noexcept {
  evidence::QueueSegment queue;
  const std::uint64_t offset = entry(id).offset;
  if (shared::load(entry(id).kind) != SegmentKind::Queue ||
      pread(fd_, &queue, sizeof(queue), static_cast<off_t>(offset)) != sizeof(queue))
    return;
  const std::uint64_t written =
      kSegmentHeader + (queue.nextSequence - 1) * sizeof(evidence::CommandRecord);
  const std::uint64_t used = (written + kSegmentHeader - 1) / kSegmentHeader * kSegmentHeader;
  if (used >= entry(id).size) return;
  // Where that is not possible, it stays.
  (void)fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  static_cast<off_t>(offset + used), static_cast<off_t>(entry(id).size - used));
}

/// A controller's entry stays as long as a queue's refers to it.
bool EvidenceFile::controllerInUse(std::uint32_t id) const noexcept {
  return std::find(controllerOf_.begin(), controllerOf_.end(), id) != controllerOf_.end();
}

}  // namespace doorbell::driver
