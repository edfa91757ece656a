#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "driver/controller_memory.h"
#include "driver/dma_buffer.h"
#include "driver/evidence_file.h"
#include "driver/prp.h"
#include "driver/queue_memory.h"
#include "driver/queue_pair.h"
#include "driver/sgl.h"
#include "platform/dma_domain.h"

namespace doorbell::driver {

/// `NativeQpairOptions` of testkit/nativeQpair.ts.
struct QpairOptions {
  std::uint32_t depth = 2;     ///< queue entries, 2..CAP.MQES+1
  std::uint32_t priority = 0;  ///< 0 urgent, 1 high, 2 medium, 3 low
  bool interrupts = true;
  std::uint32_t lbaBytes = 512;  ///< for readers of the evidence
  bool contiguous = true;        ///< PC
  struct {
    bool sq = false;
    bool cq = false;
  } inController{};                       ///< which lie in the Controller Memory Buffer
  std::optional<std::uint32_t> vector{};  ///< IV; default: spread
  bool logged = true;  ///< in the command log; false only to measure what that costs
};

/// What a queue pair is made from.
struct QueueRecipe {
  std::uint16_t qid = 0;
  std::uint32_t depth = 0;
  std::uint32_t lbaBytes = 0;
  std::uint32_t dstrd = 0;
  std::uint32_t pageBytes = 4096;  ///< CC.MPS
  bool contiguous = true;
  std::shared_ptr<ControllerMemory> sqMemory{};  ///< null: in host memory
  std::shared_ptr<ControllerMemory> cqMemory{};
  bool logged = true;
  /// PRP list room per CID is for transfers of this size from any offset; 0 = none.
  std::size_t maxTransfer = 0;
  std::string owner{};
  std::uint32_t controllerSegment = 0;
  std::optional<unsigned> vector{};  ///< MSI-X vector, none = polled
  std::uint64_t generation = 0;      ///< of the controller's enabling

  [[nodiscard]] QueueShape shapeOf(std::size_t entryBytes) const noexcept {
    return {.bytes = depth * entryBytes, .pageBytes = pageBytes, .contiguous = contiguous};
  }
};

/// All that one queue pair owns: queue memory, a PRP list area per CID, its evidence, and the hot
/// core on top.
class QueueResources {
 public:
  QueueResources(const QueueRecipe& recipe, platform::PciFunction& function,
                 const std::shared_ptr<platform::DmaDomain>& domain, EvidenceFile& evidence,
                 const Clock& clock, MalformedSink& sink);
  /// The last state stays in the evidence file, marked deleted.
  ~QueueResources();
  QueueResources(const QueueResources&) = delete;
  QueueResources& operator=(const QueueResources&) = delete;

  [[nodiscard]] QueuePair& pair() noexcept { return *pair_; }
  [[nodiscard]] const QueuePair& pair() const noexcept { return *pair_; }
  [[nodiscard]] std::uint64_t sqBus() const noexcept { return sq_.bus(); }
  [[nodiscard]] std::uint64_t cqBus() const noexcept { return cq_.bus(); }
  [[nodiscard]] const QueueRecipe& recipe() const noexcept { return recipe_; }
  [[nodiscard]] std::uint32_t segment() const noexcept { return segment_.id(); }
  /// Largest transfer that prp() can describe from any offset.
  [[nodiscard]] std::size_t maxTransfer() const noexcept { return recipe_.maxTransfer; }
  /// The data pointer for command `cid`: PRP list pages come from its own area.
  [[nodiscard]] Prp prp(std::uint16_t cid, std::uint64_t bus, std::size_t length) noexcept;
  /// Where the SGL segments of command `cid` go: the same area.
  [[nodiscard]] SglArea sglArea(std::uint16_t cid) noexcept;
  [[nodiscard]] std::size_t sglCapacity() const noexcept {
    return listPages_ * recipe_.pageBytes / sizeof(spec::SglDescriptor);
  }

 private:
  QueueRecipe recipe_;
  std::shared_ptr<EvidenceFile> evidence_;
  QueueMemory sq_;
  QueueMemory cq_;
  std::size_t listPages_ = 0;
  std::optional<QueueMemory> lists_;
  EvidenceSegment segment_;
  std::unique_ptr<QueuePair> pair_;
};

}  // namespace doorbell::driver
