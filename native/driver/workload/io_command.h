#pragma once

#include <cstdint>

#include "spec/opcode.h"

namespace doorbell::driver {

/// One command of a workload, not yet a submission queue entry.
struct IoCommand {
  std::uint64_t slba = 0;
  std::uint64_t dueNs = 0;  ///< since the start; only of a source that is paced
  std::uint32_t blocks = 0;
  std::uint8_t op = 0;  ///< index of its IoOp
  bool fua = false;
};

/// What a command's latency is filed under.
enum class OpClass : std::uint8_t { Read, Write, Other };

/// How commands of one opcode are made.
struct IoOp {
  enum class Data : std::uint8_t {
    None,
    ToHost,
    FromHost,
    Range,  ///< Dataset Management: the command's blocks as its one range
  };
  std::uint8_t opcode = 0;
  OpClass opClass = OpClass::Other;
  Data data = Data::None;
  bool addressed = true;  ///< starting LBA and number of blocks in CDW10 to CDW12
};

/// Of an I/O command: what is not of the NVM Command Set goes by bits 1:0 of its opcode, the
/// direction of its data (NVMe Base 2.0, Figure "Common Command Format").
[[nodiscard]] constexpr IoOp describeOp(std::uint8_t opcode) noexcept {
  using spec::NvmOpcode;
  using Data = IoOp::Data;
  switch (static_cast<NvmOpcode>(opcode)) {
    case NvmOpcode::Read:
      return {opcode, OpClass::Read, Data::ToHost, true};
    case NvmOpcode::Write:
      return {opcode, OpClass::Write, Data::FromHost, true};
    case NvmOpcode::Flush:
      return {opcode, OpClass::Other, Data::None, false};
    case NvmOpcode::DatasetManagement:
      return {opcode, OpClass::Other, Data::Range, false};
    default:
      break;
  }
  const bool fromHost = (opcode & 1U) != 0;
  const bool toHost = (opcode & 2U) != 0;
  return {opcode, OpClass::Other,
          fromHost ? Data::FromHost
          : toHost ? Data::ToHost
                   : Data::None,
          true};
}

}  // namespace doorbell::driver
