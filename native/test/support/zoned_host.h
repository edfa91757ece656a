#pragma once

#include <string>

#include "spec/zone.h"
#include "test/support/test_host.h"

namespace doorbell::test {

/// A host with an SSD whose only namespace has 64 zones of 2048 blocks, 1536 of them usable.
class ZonedHost : public TestHost {
 public:
  static constexpr std::uint32_t kCcZoned = kCcEnabled | (6U << 4U);  ///< CC.CSS = 110b
  static constexpr std::uint64_t kZone = 2048;
  static constexpr std::uint64_t kCapacity = 1536;

  explicit ZonedHost(const std::string& options = "", const std::string& size = "size=64M")
      : TestHost(freshAddress(size + "&zns=1&zoneSize=1M&zoneCapacity=768K" + options), false) {
    start();
  }
  void start() {
    enable(kCcZoned);
    openIo();
  }

  spec::Cqe send(spec::ZoneSendAction action, std::uint64_t zslba, bool all = false) {
    return ioCommand(sendSqe(action, zslba, all));
  }
  spec::Sqe sendSqe(spec::ZoneSendAction action, std::uint64_t zslba, bool all = false) const {
    spec::Sqe command = block(spec::NvmOpcode::Write, zslba, 1);
    command.opcode = static_cast<std::uint8_t>(spec::ZonedOpcode::ZoneManagementSend);
    command.cdw12 = 0;
    command.cdw13 = static_cast<std::uint32_t>(action) | (all ? 0x100U : 0U);
    return command;
  }
  spec::Status act(spec::ZoneSendAction action, std::uint64_t zslba, bool all = false) {
    return plain(send(action, zslba, all));
  }

  spec::Cqe append(std::uint64_t zslba, std::uint32_t count, int fill, std::uint32_t cdw12 = 0) {
    data.fill(fill);
    spec::Sqe command = block(spec::NvmOpcode::Write, zslba, count);
    command.opcode = static_cast<std::uint8_t>(spec::ZonedOpcode::ZoneAppend);
    command.cdw12 |= cdw12;
    return ioCommand(command);
  }
  static std::uint64_t lbaOf(const spec::Cqe& cqe) {
    return cqe.dw0 | (std::uint64_t{cqe.dw1} << 32U);
  }

  spec::Cqe report(std::uint64_t slba, std::uint32_t bytes = 8192, std::uint32_t cdw13 = 0) {
    data.fill(0xee);
    spec::Sqe command = block(spec::NvmOpcode::Read, slba, 1);
    command.opcode = static_cast<std::uint8_t>(spec::ZonedOpcode::ZoneManagementReceive);
    command.cdw12 = bytes / 4 - 1;
    command.cdw13 = cdw13;
    return ioCommand(command);
  }
  spec::ZoneDescriptor zone(std::uint64_t zslba) {
    if (report(zslba, 128, 1U << 16U).status() != 0) throw std::runtime_error("no zone report");
    return data.as<spec::ZoneDescriptor>(64);
  }
  spec::ZoneState state(std::uint64_t zslba) {
    return static_cast<spec::ZoneState>(zone(zslba).state >> 4U);
  }
};

}  // namespace doorbell::test
