#include "driver/verify/io_verification.h"

#include "spec/opcode.h"
#include "spec/status.h"

namespace doorbell::driver {
namespace {

constexpr std::uint8_t kZoneManagementSend = 0x79;
constexpr std::uint8_t kZoneAppend = 0x7d;

}  // namespace

IoVerification::IoVerification(std::shared_ptr<Verifier> verifier, std::uint32_t commands,
                               const std::vector<IoOp>& ops)
    : verifier_(std::move(verifier)), locks_(commands), issued_(commands) {
  for (const IoOp& op : ops) effects_.push_back(effectOf(op));
}

IoVerification::Effect IoVerification::effectOf(const IoOp& op) noexcept {
  using spec::NvmOpcode;
  if (op.opcode == kZoneAppend || op.opcode == kZoneManagementSend) return Effect::ForgetAll;
  switch (static_cast<NvmOpcode>(op.opcode)) {
    case NvmOpcode::Read:
      return Effect::Read;
    case NvmOpcode::Write:
      return Effect::Write;
    case NvmOpcode::WriteZeroes:
      return Effect::Zeroes;
    case NvmOpcode::Compare:
      return Effect::Compare;
    case NvmOpcode::Flush:
      return Effect::Flush;
    case NvmOpcode::Verify:
      return Effect::None;
    default:
      return op.data == IoOp::Data::ToHost ? Effect::None : Effect::Forget;
  }
}

bool IoVerification::begin(std::uint16_t cid, const IoCommand& command,
                           std::span<std::byte> data) noexcept {
  const Effect effect = effects_[command.op];
  const bool changes =
      effect == Effect::Write || effect == Effect::Zeroes || effect == Effect::Forget;
  const bool reads = effect == Effect::Read || effect == Effect::Compare;
  if ((changes || reads) && !locks_.take(cid, command.slba, command.blocks, changes)) return false;
  issued_[cid] = {command, data, 0};
  commit(issued_[cid], effect);
  return true;
}

void IoVerification::commit(Issued& issued, Effect effect) noexcept {
  const auto [slba, blocks] = std::pair(issued.command.slba, issued.command.blocks);
  switch (effect) {
    case Effect::Read:
      issued.mark = verifier_->beginRead();
      break;
    case Effect::Write:
      issued.mark = verifier_->beginWrite(slba, issued.data);
      break;
    case Effect::Zeroes:
      issued.mark = verifier_->beginZeroes(slba, blocks);
      break;
    case Effect::Compare:
      verifier_->stampExpected(slba, issued.data);
      break;
    case Effect::Flush:
      issued.mark = verifier_->beginFlush();
      break;
    case Effect::Forget:
      issued.mark = verifier_->beginUnknown(slba, blocks);
      break;
    case Effect::ForgetAll:
      issued.mark = verifier_->beginUnknown(0, UINT64_MAX);
      break;
    case Effect::None:
      break;
  }
}

std::optional<DataMismatch> IoVerification::end(const Completion& completion) noexcept {
  // The device may still do it: the blocks stay locked.
  if (completion.outcome == evidence::Outcome::TimedOut) return std::nullopt;
  const Issued& issued = issued_[completion.cid];
  const auto [slba, blocks] = std::pair(issued.command.slba, issued.command.blocks);
  const bool done = completion.outcome == evidence::Outcome::Completed &&
                    spec::Status{completion.cqe.status()}.ok();
  locks_.release(completion.cid);
  switch (effects_[issued.command.op]) {
    case Effect::Read:
      if (done && !completion.late) return verifier_->endRead(slba, issued.data, issued.mark);
      break;
    case Effect::Write:
    case Effect::Zeroes:
      verifier_->endWrite({slba, blocks, issued.mark, done, issued.command.fua});
      break;
    case Effect::Flush:
      if (done) verifier_->endFlush(issued.mark);
      break;
    case Effect::Forget:
    case Effect::ForgetAll:
      verifier_->endUnknown(issued.mark);
      break;
    case Effect::Compare:
    case Effect::None:
      break;
  }
  return std::nullopt;
}

}  // namespace doorbell::driver
