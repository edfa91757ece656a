#pragma once

#include <atomic>
#include <cstdint>

#include "emulator/mapped_region.h"

namespace doorbell::emulator {

/// The doorbell registers: plain memory the driver stores into and the device thread polls.
/// The doorbell of a queue that does not exist holds `kUnused`, so that ringing it shows.
class DoorbellPage {
 public:
  static constexpr std::uint32_t kBytes = 4096;
  static constexpr std::uint32_t kUnused = 0xffffffff;

  DoorbellPage();

  [[nodiscard]] volatile std::uint32_t* base() const noexcept { return words(); }

  /// Acquire: what the host wrote into its queue before ringing is visible.
  [[nodiscard]] std::uint32_t sqTail(std::uint32_t qid) const noexcept { return load(2 * qid); }
  [[nodiscard]] std::uint32_t cqHead(std::uint32_t qid) const noexcept { return load(2 * qid + 1); }

  /// Replaces an invalid value unless the host rang again since.
  void rejectSqTail(std::uint32_t qid, std::uint32_t bad, std::uint32_t valid) noexcept {
    replace(2 * qid, bad, valid);
  }
  void rejectCqHead(std::uint32_t qid, std::uint32_t bad, std::uint32_t valid) noexcept {
    replace(2 * qid + 1, bad, valid);
  }

  void openSq(std::uint32_t qid) noexcept { store(2 * qid, 0); }
  void openCq(std::uint32_t qid) noexcept { store(2 * qid + 1, 0); }
  void closeSq(std::uint32_t qid) noexcept { store(2 * qid, kUnused); }
  void closeCq(std::uint32_t qid) noexcept { store(2 * qid + 1, kUnused); }
  void closeAll() noexcept;

  /// By an ordinary register write. Any thread.
  void ring(std::uint32_t index, std::uint32_t value) noexcept { store(index, value); }

  /// True once for each doorbell that was rung although its queue does not exist.
  template <class Exists>
  bool takeStray(Exists exists) noexcept {
    for (std::uint32_t i = 0; i < kBytes / sizeof(std::uint32_t); ++i) {
      if (load(i) == kUnused || exists(i)) continue;
      store(i, kUnused);
      return true;
    }
    return false;
  }

 private:
  [[nodiscard]] std::uint32_t* words() const noexcept {
    return reinterpret_cast<std::uint32_t*>(page_.data());
  }
  [[nodiscard]] std::uint32_t load(std::uint32_t index) const noexcept {
    return std::atomic_ref(words()[index]).load(std::memory_order_acquire);
  }
  void store(std::uint32_t index, std::uint32_t value) noexcept {
    std::atomic_ref(words()[index]).store(value, std::memory_order_release);
  }
  void replace(std::uint32_t index, std::uint32_t bad, std::uint32_t valid) noexcept {
    std::atomic_ref(words()[index]).compare_exchange_strong(bad, valid);
  }

  MappedRegion page_;
};

}  // namespace doorbell::emulator
