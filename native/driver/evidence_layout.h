#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "spec/queue_entry.h"

/// The evidence file, byte by byte: command logs, topology and counters of one driver host, in a
/// file mapped from tmpfs, so that they are readable while the host runs and after it was killed.
/// `testkit/nvme/evidence.ts` is its only reader and must change together with this file.
///
/// [FileHeader, 64 KiB: header, clock points, segment directory] [segment]...
/// A segment is a ControllerSegment or a QueueSegment followed by its ring of CommandRecord.
/// Every field is little-endian. Written by this process only; readers map or pread it at any time.
namespace doorbell::driver::evidence {

inline constexpr std::uint64_t kMagic = 0x3130444956454244ULL;  // "DBEVID01"
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kHeaderBytes = 64 * 1024;
inline constexpr std::size_t kMaxSegments = 1900;
inline constexpr std::size_t kMinRing = 2048;

/// One reading of the clocks at the same moment. The first is taken at start, `latest` follows
/// about once a second: tick -> time is linear between them (and beyond the latest, by the same
/// slope).
struct ClockPoint {
  std::uint64_t ticks = 0;        ///< the timestamp source of CommandRecord
  std::uint64_t monotonicNs = 0;  ///< CLOCK_MONOTONIC_RAW
  std::uint64_t realtimeNs = 0;   ///< CLOCK_REALTIME
  std::uint64_t sequence = 0;     ///< seqlock: odd while being written
};
static_assert(sizeof(ClockPoint) == 32);

enum class SegmentKind : std::uint32_t { Free = 0, Controller = 1, Queue = 2 };

struct SegmentEntry {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  SegmentKind kind = SegmentKind::Free;  ///< written last, with release
  std::uint32_t id = 0;                  ///< index of this entry
};
static_assert(sizeof(SegmentEntry) == 24);

struct FileHeader {
  std::uint64_t magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t pid = 0;
  std::uint64_t ticksPerSecond = 0;  ///< nominal; 10^9 where ticks are CLOCK_MONOTONIC_RAW ns
  std::uint32_t segmentCount = 0;    ///< entries in use, release-published
  std::uint32_t reserved = 0;
  std::array<std::uint8_t, 32> unused{};
  ClockPoint first;   ///< offset 64
  ClockPoint latest;  ///< offset 96
  std::array<std::uint8_t, 128> unused2{};
  std::array<SegmentEntry, kMaxSegments> segments;  ///< offset 256
};
static_assert(offsetof(FileHeader, first) == 64 && offsetof(FileHeader, latest) == 96);
static_assert(offsetof(FileHeader, segments) == 256 && sizeof(FileHeader) <= kHeaderBytes);

enum class ControllerState : std::uint32_t {
  Disabled = 0,
  Ready = 1,
  ShutDown = 2,
  PoweredOff = 3,
  Removed = 4,
  Closed = 5,
  Fatal = 6
};

/// One open controller. 4096 bytes. Text is UTF-8, NUL padded.
struct ControllerSegment {
  std::array<char, 512> address{};
  std::array<char, 40> model{};
  std::array<char, 24> serial{};
  std::array<char, 8> firmware{};
  std::uint32_t state = 0;  ///< offset 584, ControllerState
  std::uint32_t vs = 0;
  std::uint64_t cap = 0;
  std::uint64_t openedTicks = 0;
  std::array<std::uint8_t, 3488> reserved{};
};
static_assert(sizeof(ControllerSegment) == 4096 && offsetof(ControllerSegment, state) == 584);

enum class QueueState : std::uint32_t { Live = 1, Deleted = 2 };

/// One queue pair. 4096 bytes, then `ringSlots` CommandRecords. A deleted queue's segment may be
/// reused for a new queue pair only by a new entry of the same size class (the old kind goes to
/// Free first).
struct QueueSegment {
  std::uint32_t controllerSegment = 0;  ///< id of the controller's entry
  std::uint32_t qid = 0;
  std::uint32_t depth = 0;      ///< queue entries
  std::uint32_t ringSlots = 0;  ///< >= kMinRing + depth
  std::uint32_t state = 0;      ///< offset 16, QueueState
  std::uint32_t lbaBytes = 0;
  std::uint64_t createdTicks = 0;  ///< offset 24
  std::array<char, 32> owner{};    ///< offset 32: "script", "ioworker", "admin"
  alignas(64) std::uint64_t submitted =
      0;                           ///< offset 64: written by the submitting thread (relaxed)
  std::uint64_t nextSequence = 0;  ///< offset 72: sequence of the next record, from 1
  alignas(64) std::uint64_t completed = 0;  ///< offset 128: written by the reaping thread (relaxed)
  std::uint64_t errors = 0;                 ///< offset 136: completions with a status other than 0
  std::uint64_t bytesRead = 0;              ///< offset 144: of completed commands
  std::uint64_t bytesWritten = 0;           ///< offset 152
  std::uint64_t readCommands = 0;           ///< offset 160
  std::uint64_t writeCommands = 0;          ///< offset 168
  std::array<std::uint8_t, 3904> reserved{};
};
static_assert(offsetof(QueueSegment, owner) == 32 && offsetof(QueueSegment, submitted) == 64);
static_assert(offsetof(QueueSegment, completed) == 128 && sizeof(QueueSegment) <= 4096);

/// How a command ended.
enum class Outcome : std::uint32_t {
  InFlight = 0,
  Completed = 1,  ///< by the device; `cqe` is its entry
  TimedOut = 2,   ///< given up by the driver; a late completion turns it into Completed
  Reset = 3,      ///< controller reset or disabled
  PowerLost = 4,
  QueueDeleted = 5,
  Removed = 6,
  Closed = 7,
  DataMismatch = 8,  ///< completed with success, but what it read is not what was written
};

/// One command. Two cache lines: the SQE as posted, then the rest.
/// Reader's rule (sequence lock): read `sequence`, copy, read it again; equal and even =
/// consistent. `sequence` is 2 * n for the n-th command of the queue (from 1), 2 * n - 1 while the
/// slot is being taken. A slot whose command is in flight is never taken again: the writer skips
/// it.
struct CommandRecord {
  spec::Sqe sqe;
  std::uint64_t sequence = 0;       ///< offset 64
  std::uint64_t submitTicks = 0;    ///< offset 72
  std::uint64_t completeTicks = 0;  ///< offset 80; 0 while in flight
  spec::Cqe cqe;                    ///< offset 88
  std::uint32_t outcome = 0;  ///< offset 104, Outcome; written last at completion, with release
  std::uint32_t bytes = 0;    ///< offset 108, data transferred by the command
  std::array<std::uint8_t, 16> reserved{};
};
static_assert(sizeof(CommandRecord) == 128 && std::is_trivially_copyable_v<CommandRecord>);
static_assert(offsetof(CommandRecord, sequence) == 64 && offsetof(CommandRecord, cqe) == 88);
static_assert(offsetof(CommandRecord, outcome) == 104);

}  // namespace doorbell::driver::evidence
