#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "driver/completion.h"
#include "driver/io_pattern.h"
#include "driver/verify/lba_locks.h"
#include "driver/verify/verifier.h"

namespace doorbell::driver {

/// Verification of one ioworker's I/O: overlapping commands wait for each other, writes are
/// stamped, reads compared. One thread; no allocation per command.
class IoVerification {
 public:
  IoVerification(std::shared_ptr<Verifier> verifier, std::uint32_t commands)
      : verifier_(std::move(verifier)), locks_(commands), issued_(commands) {}

  /// The command is about to be posted with its data in `data`; false when it overlaps one that is
  /// outstanding and has to wait.
  [[nodiscard]] bool begin(std::uint16_t cid, const IoPattern::Next& next,
                           std::span<std::byte> data) noexcept;
  /// It ended. A mismatch only of a read that succeeded.
  [[nodiscard]] std::optional<DataMismatch> end(const Completion& completion) noexcept;

 private:
  struct Issued {
    IoPattern::Next next{};
    std::span<std::byte> data{};
    std::uint64_t began = 0;
  };
  std::shared_ptr<Verifier> verifier_;
  LbaLocks locks_;
  std::vector<Issued> issued_;
};

}  // namespace doorbell::driver
