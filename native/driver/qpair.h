#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "driver/dma_buffer.h"
#include "driver/managed_queue.h"
#include "driver/qpair_channel.h"
#include "driver/queue_pair.h"
#include "driver/queue_resources.h"
#include "driver/transfer.h"
#include "driver/verify/qpair_verification.h"

namespace doorbell::driver {

class ControllerCore;

/// One completion as JavaScript sees it: `completionLayout` of testkit/nativeSurface.ts.
struct ReapedCompletion {
  spec::Cqe cqe;
  std::uint64_t submitNs = 0;
  std::uint64_t completeNs = 0;
  std::uint64_t sequence = 0;
  std::uint16_t cid = 0;
  std::uint16_t outcome = 0;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(ReapedCompletion) == 48 && offsetof(ReapedCompletion, submitNs) == 16);
static_assert(offsetof(ReapedCompletion, sequence) == 32 && offsetof(ReapedCompletion, cid) == 40);

/// What a person needs after a time-out.
struct Dossier {
  std::uint32_t csts = 0;
  std::uint32_t cc = 0;
  std::uint32_t sqTail = 0;
  std::uint32_t sqHead = 0;
  std::uint32_t cqHead = 0;
  std::uint32_t cqPhase = 0;
  std::vector<std::uint16_t> outstandingCids;
  /// Completions posted without toggling the phase tag, by the look of them.
  std::vector<ChangedSlot> changedSlots;
};

/// A queue pair to share: thread safe, with deadlines, pinned buffers and a notification. Scripts
/// use it, and the driver itself for admin commands. Always held by shared_ptr; it may outlive its
/// controller (then: CLOSED), and its controller keeps it until it was deleted or ended.
class Qpair final : public ManagedQueue, public std::enable_shared_from_this<Qpair> {
 public:
  Qpair(std::shared_ptr<ControllerCore> core, std::unique_ptr<QueueResources> queue);

  [[nodiscard]] std::uint16_t qid() const noexcept { return qid_; }
  /// Id of the queue's segment in the evidence file.
  [[nodiscard]] std::uint32_t segment() const noexcept { return segment_; }
  /// Queue entries; depth - 1 commands can be outstanding.
  [[nodiscard]] std::uint32_t depth() const noexcept { return depth_; }
  /// Interrupt vector of its completion queue, none = polled.
  [[nodiscard]] std::optional<unsigned> vector() const noexcept { return vector_; }

  // Several users at a time: each opens a channel and names it in its calls. Null is the channel
  // of the one who made the queue pair.
  [[nodiscard]] std::shared_ptr<QpairChannel> openChannel();
  /// What it sent still completes, and is forgotten then.
  void closeChannel(const std::shared_ptr<QpairChannel>& channel) noexcept;

  /// Commands submitted and not yet handed out by reap().
  [[nodiscard]] std::uint32_t outstanding(QpairChannel* channel = nullptr) const;

  /// Posts one command and rings the doorbell; returns its CID. The CID of `sqe` is replaced, its
  /// PRP1/PRP2 only when length > 0: then they describe `buffer` from `offset`. A buffer stays
  /// pinned until the completion was reaped. timeoutMs 0 = no deadline. Does not block. Throws
  /// QUEUE_FULL, CLOSED, POWER_LOST, REMOVED, CONTROLLER_NOT_READY, OUT_OF_RANGE. The entry as it
  /// was posted is put into `posted`.
  std::uint16_t submit(const spec::Sqe& sqe, const std::shared_ptr<DmaBuffer>& buffer,
                       std::size_t offset, std::size_t length, std::uint32_t timeoutMs,
                       spec::Sqe* posted = nullptr, QpairChannel* channel = nullptr);
  /// The same with any kind of transfer. Throws OUT_OF_RANGE also for a CID that is outstanding or
  /// not 0..depth-2.
  std::uint16_t submit(const spec::Sqe& sqe, const Transfer& transfer, spec::Sqe* posted = nullptr,
                       QpairChannel* channel = nullptr);
  /// The same, without the doorbell: the device does not see the command before ringDoorbell() (or
  /// the next submit). Its time runs from there.
  std::uint16_t post(const spec::Sqe& sqe, const Transfer& transfer, spec::Sqe* posted = nullptr,
                     QpairChannel* channel = nullptr);
  /// Tells the device of everything posted. Throws as submit().
  void ringDoorbell();
  /// Two adjacent commands (FUSE is set: first, second) and one doorbell; both or neither. Returns
  /// both CIDs. `posted`, if any, has room for two.
  std::array<std::uint16_t, 2> submitFused(std::span<const spec::Sqe, 2> sqes,
                                           std::span<const Transfer, 2> transfers,
                                           spec::Sqe* posted = nullptr,
                                           QpairChannel* channel = nullptr);

  /// Hands out finished commands of submit(), polling up to `spin` (at most 1 ms) while there are
  /// none; never sleeps. Commands past their deadline come out once, as TimedOut; their CID and
  /// buffer stay quarantined.
  unsigned reap(std::span<ReapedCompletion> into, std::chrono::microseconds spin,
                QpairChannel* channel = nullptr);

  /// `callback` runs once, as soon as reap() has something to give (a deadline passing and the
  /// queue pair ending included), on the controller's notifier thread, or on the thread that
  /// noticed first (this one included). It must only post to its own thread. Null disarms. Replaces
  /// the one before.
  void notify(std::function<void()> callback, QpairChannel* channel = nullptr);

  /// ms until the nearest deadline (0 = passed), -1 without one.
  [[nodiscard]] std::int64_t nextDeadlineMs() const;
  [[nodiscard]] Dossier dossier() const;

  /// What the command of that number read instead of what was written (outcome DataMismatch).
  [[nodiscard]] std::optional<DataMismatch> mismatch(std::uint64_t sequence) const;

  /// Deletes SQ and CQ, waiting for the controller (bounded): call it off the JavaScript thread.
  /// Outstanding commands end as QueueDeleted. The admin queue: NOT_SUPPORTED. After the queue pair
  /// ended: nothing.
  void remove();

  /// For the driver: one command, awaited. Not handed out by reap(). Blocks up to `timeoutMs` (>
  /// 0).
  Completion execute(const spec::Sqe& sqe, const std::shared_ptr<DmaBuffer>& buffer,
                     std::size_t length, std::uint32_t timeoutMs);

  // ManagedQueue
  void halt() noexcept override;
  void resume() noexcept override;
  void end(evidence::Outcome outcome) noexcept override;

  // Notifier
  /// Runs the callback when there is a reason to.
  void poke() noexcept;
  /// Ticks at which poke() should be called at the latest, UINT64_MAX when nothing waits.
  [[nodiscard]] std::uint64_t wakeAtTicks() const noexcept;

 private:
  struct Waiter {
    std::optional<Completion> completion;
  };
  struct Attachment {
    Pin pin;
    std::unique_ptr<std::vector<Pin>> more;  ///< of a transfer with several buffers
    Waiter* waiter = nullptr;
    QpairChannel* channel = nullptr;  ///< whose reap() it belongs to
  };
  using Callback = QpairChannel::Callback;

  void throwUnlessOpen() const;
  void throwUnlessRoom(std::uint32_t commands);
  std::uint16_t place(spec::Sqe& sqe, const std::shared_ptr<DmaBuffer>& buffer, std::size_t offset,
                      std::size_t length, std::uint32_t timeoutMs, Waiter* waiter,
                      QpairChannel* channel);
  std::uint16_t place(spec::Sqe& sqe, const Transfer& transfer, QpairChannel& channel);
  void pointPrp(spec::Sqe& sqe, const MemoryPiece& piece);
  void pointSgl(spec::Sqe& sqe, const Transfer& transfer);
  void pointMetadata(spec::Sqe& sqe, const Transfer& transfer);
  void checkTransfer(const Transfer& transfer) const;
  [[nodiscard]] std::uint64_t busAddress(const MemoryPiece& piece) const;
  void ring();
  void postAwaited(const spec::Sqe& sqe, const std::shared_ptr<DmaBuffer>& buffer,
                   std::size_t length, std::uint32_t timeoutMs, Waiter& waiter);
  /// Throws NOT_SUPPORTED.
  void throwUnlessStampable(const spec::Sqe& sqe) const;
  [[nodiscard]] MemoryPiece verified(const spec::Sqe& sqe, const MemoryPiece& data, bool whole);
  [[nodiscard]] bool holdsMismatch(const Completion& completion) noexcept;
  void poll() noexcept;
  void spinFor(std::chrono::microseconds spin, const QpairChannel& channel) noexcept;
  void deliver(const Completion& given) noexcept;
  [[nodiscard]] QpairChannel& orOwn(QpairChannel* channel) noexcept {
    return channel == nullptr ? *own_ : *channel;
  }
  [[nodiscard]] bool ready(const QpairChannel& channel) const noexcept;
  [[nodiscard]] std::uint64_t wakeAtLocked() const noexcept;
  [[nodiscard]] Callback takeCallback(QpairChannel& channel) noexcept;
  /// The callbacks of all channels that have a reason; to be run without the lock.
  [[nodiscard]] std::vector<Callback> takeDue() noexcept;
  void disarm(QpairChannel& channel) noexcept;

  const std::shared_ptr<ControllerCore> core_;
  const std::uint16_t qid_;
  const std::uint32_t segment_;
  const std::uint32_t depth_;
  const std::uint64_t generation_;
  const std::optional<unsigned> vector_;
  mutable std::mutex mutex_;
  std::unique_ptr<QueueResources> queue_;            ///< null once ended
  std::vector<Attachment> attachments_;              ///< by CID
  std::unique_ptr<QpairVerification> verification_;  ///< once something was verified
  const std::shared_ptr<QpairChannel> own_;
  std::vector<std::shared_ptr<QpairChannel>> channels_;  ///< `own_` is the first
  bool halted_ = false;
  std::optional<evidence::Outcome> ended_;
  Dossier last_;  ///< when ended
};

}  // namespace doorbell::driver
