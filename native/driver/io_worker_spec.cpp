#include "driver/io_worker_spec.h"

#include <sched.h>

#include <algorithm>
#include <cmath>

#include "platform/error.h"

namespace doorbell::driver {
namespace {

constexpr std::uint32_t kMostBlocks = 65'536;  // NLB is a 0's based 16-bit field
constexpr std::size_t kMostSizes = 1024;
constexpr std::size_t kMostOps = 16;

std::string text(std::uint64_t value) { return std::to_string(value); }

void require(bool condition, const std::string& message) {
  if (!condition) throw Error("OUT_OF_RANGE", "ioworker: " + message);
}

void checkBlocks(std::uint32_t blocks) {
  require(blocks >= 1 && blocks <= kMostBlocks, "1 to 65536 blocks a command, not " + text(blocks));
}

void checkOpcode(std::uint8_t opcode) {
  require(opcode != static_cast<std::uint8_t>(spec::NvmOpcode::Copy),
          "Copy (19h) needs a list of source ranges: send it through a queue pair");
}

void checkMix(const IoWorkerSpec& spec) {
  require(spec.sizes.size() <= kMostSizes, "at most 1024 sizes, not " + text(spec.sizes.size()));
  for (const IoSize& size : spec.allSizes()) {
    checkBlocks(size.blocks);
    require(size.weight >= 1, "a size's weight is 1 or more");
  }
  const auto ops = spec.allOps();
  require(ops.size() <= kMostOps, "at most 16 opcodes, not " + text(ops.size()));
  std::uint64_t sum = 0;
  for (const IoOpShare& op : ops) {
    checkOpcode(op.opcode);
    sum += op.weight;
  }
  require(sum >= 1, "no opcode has a share");
}

void checkSequence(const IoWorkerSpec& spec) {
  require(spec.sequence->opcodes.size() <= kMostOps,
          "at most 16 opcodes, not " + text(spec.sequence->opcodes.size()));
  for (const std::uint8_t opcode : spec.sequence->opcodes) checkOpcode(opcode);
  require(!spec.sequence->commands.empty() || spec.sequence->more, "ioSequence is empty");
  checkCommands(*spec.sequence, spec.sequence->commands, 0);
}

void checkAddresses(const IoWorkerSpec& spec) {
  require(spec.regionStart < spec.regionEnd, "the region from LBA " + text(spec.regionStart) +
                                                 " to " + text(spec.regionEnd) +
                                                 " (not included) is empty");
  require(spec.randomPercent <= 100, "randomPercent is 0 to 100, not " + text(spec.randomPercent));
  const auto problem = problemOf(spec.addressPlan());
  require(problem.empty(), problem);
  require(!spec.coversOnce() || spec.randomPercent == 0,
          "random I/O has no end of its own: give timeMs or ioCount");
}

void checkThread(const IoWorkerSpec& spec) {
  require(spec.priority <= 3, "priority is 0 (urgent) to 3 (low), not " + text(spec.priority));
  require(spec.intervalMs >= 1, "a series has intervals of 1 ms or more");
  if (!spec.cpu) return;
  cpu_set_t usable;
  CPU_ZERO(&usable);
  const bool known = sched_getaffinity(0, sizeof(usable), &usable) == 0;
  require(known && *spec.cpu < CPU_SETSIZE && CPU_ISSET(*spec.cpu, &usable),
          "this process may not run on CPU " + text(*spec.cpu));
}

}  // namespace

std::vector<IoSize> IoWorkerSpec::allSizes() const {
  return sizes.empty() ? std::vector<IoSize>{{.blocks = blocks}} : sizes;
}

/// Only what has a share: buffers are made for what is used.
std::vector<IoOpShare> IoWorkerSpec::allOps() const {
  std::vector<IoOpShare> all = ops;
  if (all.empty()) {
    all = {{static_cast<std::uint8_t>(spec::NvmOpcode::Read), readPercent},
           {static_cast<std::uint8_t>(spec::NvmOpcode::Write), 100 - readPercent}};
  }
  std::erase_if(all, [](const IoOpShare& op) { return op.weight == 0; });
  return all;
}

std::vector<IoOp> IoWorkerSpec::opTable() const {
  std::vector<IoOp> table;
  if (sequence) {
    for (const std::uint8_t opcode : sequence->opcodes) table.push_back(describeOp(opcode));
  } else {
    for (const IoOpShare& op : allOps()) table.push_back(describeOp(op.opcode));
  }
  return table;
}

AddressPlan IoWorkerSpec::addressPlan() const {
  return {.regionStart = regionStart,
          .regionEnd = regionEnd,
          .first = lbaStart,
          .step = lbaStep,
          .randomPercent = randomPercent,
          .distribution = distribution,
          .once = coversOnce(),
          .sizes = allSizes()};
}

std::uint32_t IoWorkerSpec::mostBlocks() const {
  std::uint32_t most = 0;
  if (sequence) {
    most = std::max(sequence->mostBlocks, 1U);
    for (const IoCommand& command : sequence->commands) {
      // A range is named, not moved.
      if (describeOp(sequence->opcodes[command.op]).data != IoOp::Data::Range)
        most = std::max(most, command.blocks);
    }
  } else {
    for (const IoSize& size : allSizes()) most = std::max(most, size.blocks);
  }
  return most;
}

void checkCommands(const IoSequence& sequence, std::span<const IoCommand> commands,
                   std::uint64_t notBeforeNs) {
  std::uint64_t before = notBeforeNs;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const IoCommand& command = commands[i];
    require(command.op < sequence.opcodes.size(), "ioSequence names no opcode");
    if (describeOp(sequence.opcodes[command.op]).data == IoOp::Data::Range) {
      require(command.blocks >= 1, "ioSequence[" + text(i) + "] has a range of no block");
    } else {
      checkBlocks(command.blocks);
      require(sequence.mostBlocks == 0 || command.blocks <= sequence.mostBlocks,
              "ioSequence[" + text(i) + "] has more blocks than were announced");
    }
    require(command.dueNs >= before, "ioSequence[" + text(i) + "] is due before the one before it");
    before = command.dueNs;
  }
}

void checkSpec(const IoWorkerSpec& spec, std::uint32_t mqes) {
  require(spec.qdepth >= 1 && spec.qdepth <= mqes,
          "qdepth is 1 to " + text(mqes) + " (CAP.MQES) commands, not " + text(spec.qdepth));
  require(spec.lbaBytes >= 512 && spec.lbaBytes <= 65536,
          "a block of 512 to 65536 bytes, not " + text(spec.lbaBytes));
  require(spec.readPercent <= 100, "readPercent is 0 to 100, not " + text(spec.readPercent));
  require(spec.fuaPercent <= 100, "fuaPercent is 0 to 100, not " + text(spec.fuaPercent));
  require(std::isfinite(spec.iops) && spec.iops >= 0 && spec.iops <= 1e9,
          "iops is 0 (no pace) to 10^9");
  require(spec.data.compressiblePercent <= 100, "compressibility is 0 to 100 %");
  if (spec.sequence) {
    checkSequence(spec);
  } else {
    checkMix(spec);
    checkAddresses(spec);
  }
  checkThread(spec);
  for (const double percentile : spec.percentiles) {
    require(percentile >= 0 && percentile <= 100,
            "a percentile is 0 to 100, not " + std::to_string(percentile));
  }
}

}  // namespace doorbell::driver
