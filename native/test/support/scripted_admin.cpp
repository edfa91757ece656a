// The admin commands a scripted device answers by itself.
#include <cstring>

#include "spec/identify.h"
#include "spec/opcode.h"
#include "spec/status.h"
#include "support/scripted_function.h"

namespace doorbell::test {

using spec::AdminOpcode;

std::uint16_t ScriptedFunction::identify(const spec::Sqe& sqe) {
  auto* page = domain_->at(sqe.prp1, spec::kIdentifyBytes);
  if (page == nullptr) return spec::status::kDataTransferError.raw;
  std::memset(page, 0, spec::kIdentifyBytes);
  if (sqe.cdw10 == static_cast<std::uint32_t>(spec::Cns::Controller)) {
    spec::IdentifyController controller;
    std::memcpy(controller.mn.data(), "SCRIPTED ", 9);
    std::memcpy(controller.sn.data(), "S1  ", 4);
    controller.mdts = 5;
    std::memcpy(page, &controller, sizeof(controller));
  } else if (sqe.cdw10 == static_cast<std::uint32_t>(spec::Cns::ActiveNamespaceList) &&
             sqe.nsid == 0) {
    page[0] = std::byte{1};
  } else if ((sqe.cdw10 & 0xffU) == static_cast<std::uint32_t>(spec::Cns::CommandSets)) {
    std::memcpy(page, commandSets.data(), commandSets.size() * sizeof(std::uint64_t));
  }
  return identifyStatus;
}

std::optional<std::uint16_t> ScriptedFunction::admin(const spec::Sqe& sqe, std::uint32_t& dw0) {
  if (hangAdmin) return std::nullopt;
  const auto qid = static_cast<std::uint16_t>(sqe.cdw10);
  switch (static_cast<AdminOpcode>(sqe.opcode)) {
    case AdminOpcode::Identify:
      return identify(sqe);
    case AdminOpcode::SetFeatures:
      dw0 = ((kQueues - 2) << 16U) | (kQueues - 2);
      return std::uint16_t{0};
    case AdminOpcode::CreateIoCq:
      queues_.at(qid) = {.cqBus = sqe.prp1, .cqDepth = (sqe.cdw10 >> 16U) + 1};
      queues_.at(qid).cqScattered = (sqe.cdw11 & 1U) == 0;
      if ((sqe.cdw11 & 2U) != 0) queues_.at(qid).vector = sqe.cdw11 >> 16U;
      return std::uint16_t{0};
    case AdminOpcode::CreateIoSq:
      __atomic_store_n(&doorbell(2U * qid), 0U, __ATOMIC_RELAXED);
      queues_.at(qid).sqScattered = (sqe.cdw11 & 1U) == 0;
      queues_.at(qid).sqBus = sqe.prp1;
      queues_.at(qid).sqDepth = (sqe.cdw10 >> 16U) + 1;
      return std::uint16_t{0};
    case AdminOpcode::DeleteIoSq:
      queues_.at(qid).sqDepth = 0;
      return std::uint16_t{0};
    case AdminOpcode::DeleteIoCq:
      queues_.at(qid) = {};
      return std::uint16_t{0};
    default:
      return onCommand_ ? onCommand_(0, sqe) : std::optional<std::uint16_t>(0);
  }
}

}  // namespace doorbell::test
