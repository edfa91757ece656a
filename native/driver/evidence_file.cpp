#include "driver/evidence_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
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

[[noreturn]] void fail(const std::string& what) {
  throw Error("EVIDENCE", "the evidence file: " + what + ": " + std::strerror(errno));
}

std::byte* mapShared(int fd, std::uint64_t offset, std::size_t size) {
  void* data =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (data == MAP_FAILED) fail("mmap");
  return static_cast<std::byte*>(data);
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
  return std::shared_ptr<EvidenceFile>(new EvidenceFile(fd, clock, limits));
}

std::shared_ptr<EvidenceFile> EvidenceFile::anonymous(const Clock& clock, Limits limits) {
  const int fd = memfd_create("doorbell-evidence", MFD_CLOEXEC);
  if (fd < 0) fail("memfd_create");
  return std::shared_ptr<EvidenceFile>(new EvidenceFile(fd, clock, limits));
}

EvidenceFile::EvidenceFile(int fd, const Clock& clock, Limits limits) : fd_(fd), limits_(limits) {
  limits_.segments = std::min(limits_.segments, evidence::kMaxSegments);
  if (ftruncate(fd_, static_cast<off_t>(end_)) != 0) fail("ftruncate");
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

/// An entry of that size with its bytes zero and mapped.
EvidenceFile::Taken EvidenceFile::take(std::uint64_t size) {
  const std::uint32_t id = entryFor(size);
  return {id, mapShared(fd_, entry(id).offset, size)};
}

std::uint32_t EvidenceFile::entryFor(std::uint64_t size) {
  const std::uint32_t count = header_->segmentCount;
  std::uint32_t id = 0;
  const bool full = count >= limits_.segments || end_ + size > limits_.bytes;
  if (full && recycleOldest(size, id)) return id;
  if (count >= evidence::kMaxSegments) {
    throw Error("EVIDENCE", "the evidence file has no room for one more queue pair (" +
                                std::to_string(count) + " are live): delete some first");
  }
  if (ftruncate(fd_, static_cast<off_t>(end_ + size)) != 0) fail("cannot grow");
  entry(count).offset = end_;
  entry(count).size = size;
  entry(count).id = count;
  end_ += size;
  controllerOf_.push_back(kNoController);
  shared::store(header_->segmentCount, count + 1, std::memory_order_release);
  return count;
}

bool EvidenceFile::recycleOldest(std::uint64_t size, std::uint32_t& id) {
  const auto found = std::find_if(retired_.begin(), retired_.end(), [&](std::uint32_t candidate) {
    return entry(candidate).size == size && !controllerInUse(candidate);
  });
  if (found == retired_.end()) return false;
  id = *found;
  retired_.erase(found);
  publish(id, SegmentKind::Free);
  const auto offset = static_cast<off_t>(entry(id).offset);
  if (fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset,
                static_cast<off_t>(size)) != 0) {
    std::byte* data = mapShared(fd_, entry(id).offset, size);
    std::memset(data, 0, size);
    munmap(data, size);
  }
  return true;
}

/// A controller's entry stays as long as a queue's refers to it.
bool EvidenceFile::controllerInUse(std::uint32_t id) const {
  return std::find(controllerOf_.begin(), controllerOf_.end(), id) != controllerOf_.end();
}

}  // namespace doorbell::driver
