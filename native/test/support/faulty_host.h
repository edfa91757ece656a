#pragma once

#include <string>

#include "test/support/test_host.h"

namespace doorbell::test {

inline constexpr auto kRead = static_cast<std::uint8_t>(spec::NvmOpcode::Read);
inline constexpr auto kWrite = static_cast<std::uint8_t>(spec::NvmOpcode::Write);

/// A host of an SSD that misbehaves as told.
struct FaultyHost : TestHost {
  explicit FaultyHost(const std::string& options = "size=64M") : TestHost(freshAddress(options)) {
    openIo();
  }
  [[nodiscard]] platform::FaultInjector& faults() const { return *function->faults(); }
  std::uint64_t inject(const platform::Fault& fault) const { return faults().add(fault); }
  [[nodiscard]] std::uint64_t fired(std::uint64_t id) const { return faults().find(id)->fired; }
  spec::Cqe read(std::uint64_t slba, std::uint32_t count = 1) {
    return ioCommand(block(spec::NvmOpcode::Read, slba, count));
  }
  void submitRead(std::uint16_t cid) {
    auto sqe = block(spec::NvmOpcode::Read, 0, 1);
    sqe.cid = cid;
    io->submit(sqe);
  }
  void recover() {
    function->power()->on();
    enable();
    openIo();
  }
  [[nodiscard]] bool loses() const {
    return eventually([this] { return !function->power()->isOn(); });
  }
};

/// A fault at I/O commands of that opcode.
inline platform::Fault of(platform::FaultKind kind, std::uint8_t opcode = kRead) {
  platform::Fault fault;
  fault.kind = kind;
  fault.when.opcode = opcode;
  fault.when.admin = false;
  return fault;
}

}  // namespace doorbell::test
