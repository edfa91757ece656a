#include "driver/queue_resources.h"

#include "driver/command_log.h"
#include "spec/registers.h"

namespace doorbell::driver {

QueueResources::QueueResources(const QueueRecipe& recipe, platform::PciFunction& function,
                               const std::shared_ptr<platform::DmaDomain>& domain,
                               EvidenceFile& evidence, const Clock& clock, MalformedSink& sink)
    : recipe_(recipe),
      evidence_(evidence.shared_from_this()),
      sq_(domain, recipe.sqMemory.get(), recipe.shapeOf(sizeof(spec::Sqe))),
      cq_(domain, recipe.cqMemory.get(), recipe.shapeOf(sizeof(spec::Cqe))) {
  const std::size_t page = recipe.pageBytes;
  listPages_ = recipe.maxTransfer == 0 ? 0 : prpListPages(page - 1, recipe.maxTransfer, page);
  if (listPages_ > 0) {
    lists_.emplace(domain, nullptr,
                   QueueShape{.bytes = listPages_ * page * (recipe.depth - 1), .pageBytes = page});
  }
  segment_ = evidence.addQueue(
      {recipe.controllerSegment, recipe.qid, recipe.depth, recipe.lbaBytes, recipe.owner},
      clock.ticks());
  const platform::DoorbellWindow window = function.doorbells();
  const auto doorbell = [&](std::uint32_t offset) {
    return window.base + (offset - spec::reg::kDoorbells) / sizeof(std::uint32_t);
  };
  pair_ = std::make_unique<QueuePair>(
      QueuePairParts{.qid = recipe.qid,
                     .depth = recipe.depth,
                     .sq = reinterpret_cast<spec::Sqe*>(sq_.data()),
                     .cq = reinterpret_cast<spec::Cqe*>(cq_.data()),
                     .sqDoorbell = doorbell(spec::reg::sqTailDoorbell(recipe.qid, recipe.dstrd)),
                     .cqDoorbell = doorbell(spec::reg::cqHeadDoorbell(recipe.qid, recipe.dstrd)),
                     .asleep = window.asleepFor(recipe.qid),
                     .function = &function,
                     .segment = &segment_.queue(),
                     .records = recipe.logged ? segment_.records() : nullptr,
                     .clock = &clock,
                     .sink = &sink});
}

QueueResources::~QueueResources() {
  shared::store(segment_.queue().state, static_cast<std::uint32_t>(evidence::QueueState::Deleted));
  evidence_->retire(segment_.id());
}

Prp QueueResources::prp(std::uint16_t cid, std::uint64_t bus, std::size_t length) noexcept {
  const std::size_t area = cid * listPages_ * recipe_.pageBytes;
  auto* list = listPages_ == 0 ? nullptr : reinterpret_cast<std::uint64_t*>(lists_->data() + area);
  return buildPrp(bus, length, recipe_.pageBytes, list, listPages_ == 0 ? 0 : lists_->bus() + area);
}

SglArea QueueResources::sglArea(std::uint16_t cid) noexcept {
  if (listPages_ == 0) return {};
  const std::size_t bytes = listPages_ * recipe_.pageBytes;
  return {reinterpret_cast<spec::SglDescriptor*>(lists_->data() + cid * bytes),
          lists_->bus() + cid * bytes, bytes / sizeof(spec::SglDescriptor)};
}

}  // namespace doorbell::driver
