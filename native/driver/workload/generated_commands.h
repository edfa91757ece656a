#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "driver/io_worker_spec.h"
#include "driver/random.h"
#include "driver/workload/address_stream.h"
#include "driver/workload/command_source.h"
#include "driver/workload/weighted_choice.h"

namespace doorbell::driver {

/// When commands are due: the k-th (from 0) at k / iops after the start, whatever happened to those
/// before it.
class IoPacer {
 public:
  explicit IoPacer(double iops) noexcept : nsPerIo_(iops > 0 ? 1e9 / iops : 0) {}
  [[nodiscard]] bool paced() const noexcept { return nsPerIo_ > 0; }
  [[nodiscard]] std::uint64_t nextNs() noexcept {
    return static_cast<std::uint64_t>(static_cast<double>(count_++) * nsPerIo_);
  }
  [[nodiscard]] std::uint64_t dueBefore(std::uint64_t ns) const noexcept {
    return static_cast<std::uint64_t>(std::ceil(static_cast<double>(ns) / nsPerIo_));
  }

 private:
  double nsPerIo_;
  std::uint64_t count_ = 0;
};

/// What and where the commands of a spec are: deterministic per seed.
class GeneratedCommands final : public CommandSource {
 public:
  explicit GeneratedCommands(const IoWorkerSpec& spec);

  [[nodiscard]] std::size_t fill(std::span<IoCommand> into) noexcept override;
  [[nodiscard]] bool paced() const noexcept override { return pacer_.paced(); }
  [[nodiscard]] std::uint64_t dueBefore(std::uint64_t ns) const noexcept override {
    return std::min(pacer_.dueBefore(ns), ioCount_);
  }

 private:
  [[nodiscard]] bool next(IoCommand& command) noexcept;

  Random random_;
  AddressStream addresses_;
  WeightedChoice sizes_;
  WeightedChoice ops_;
  IoPacer pacer_;
  std::uint32_t fuaPercent_;
  std::vector<IoOp> opTable_;
  std::uint64_t ioCount_;
  std::uint64_t left_;
};

}  // namespace doorbell::driver
