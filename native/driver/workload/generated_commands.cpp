#include "driver/workload/generated_commands.h"

namespace doorbell::driver {
namespace {

template <class Shares>
std::vector<std::uint32_t> weightsOf(const Shares& shares) {
  std::vector<std::uint32_t> weights;
  for (const auto& share : shares) weights.push_back(share.weight);
  return weights;
}

}  // namespace

GeneratedCommands::GeneratedCommands(const IoWorkerSpec& spec)
    : random_(spec.seed),
      addresses_(spec.addressPlan()),
      sizes_(weightsOf(spec.allSizes())),
      ops_(weightsOf(spec.allOps())),
      pacer_(spec.iops),
      fuaPercent_(spec.fuaPercent),
      opTable_(spec.opTable()),
      ioCount_(spec.ioCount == 0 ? UINT64_MAX : spec.ioCount),
      left_(ioCount_) {}

bool GeneratedCommands::next(IoCommand& command) noexcept {
  if (left_ == 0) return false;
  const std::size_t op = ops_.pick(random_);
  const auto extent = addresses_.next(sizes_.pick(random_), random_);
  if (extent.blocks == 0) return false;
  --left_;
  command = {.slba = extent.slba,
             .dueNs = pacer_.paced() ? pacer_.nextNs() : 0,
             .blocks = extent.blocks,
             .op = static_cast<std::uint8_t>(op)};
  const bool hasFua = opTable_[op].opClass != OpClass::Other;
  if (fuaPercent_ != 0 && hasFua) command.fua = random_.below(100) < fuaPercent_;
  return true;
}

std::size_t GeneratedCommands::fill(std::span<IoCommand> into) noexcept {
  std::size_t made = 0;
  while (made < into.size() && next(into[made])) ++made;
  return made;
}

}  // namespace doorbell::driver
