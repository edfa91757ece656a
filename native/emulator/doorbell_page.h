#pragma once

#include <atomic>
#include <cstdint>

#include "emulator/bar_layout.h"
#include "emulator/mapped_region.h"

namespace doorbell::emulator {

/// The doorbell registers: plain memory the driver stores into and the device thread polls, one
/// dword every 4 << CAP.DSTRD bytes; doorbell 2q is the SQ tail of queue q, 2q + 1 its CQ head.
/// The doorbell of a queue that does not exist holds `kUnused`, so that ringing it shows.
class DoorbellPage {
 public:
  static constexpr std::uint32_t kUnused = 0xffffffff;

  explicit DoorbellPage(const BarLayout& layout);

  [[nodiscard]] volatile std::uint32_t* base() const noexcept { return words(); }
  /// The memory behind it, laid out as BAR0, for a host in another process.
  [[nodiscard]] int regionFd() const noexcept { return fd_.get(); }

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

  /// By an ordinary register write, `offset` bytes from the first doorbell. Between two doorbells
  /// there is nothing. Any thread.
  void ring(std::uint32_t offset, std::uint32_t value) noexcept {
    if (offset % (4U << stride_) == 0) store(offset >> (2 + stride_), value);
  }

  /// True once for each doorbell that was rung although its queue does not exist.
  template <class Exists>
  bool takeStray(Exists exists) noexcept {
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (load(i) == kUnused || exists(i)) continue;
      std::uint32_t rung = load(i);
      return std::atomic_ref(words()[i]).compare_exchange_strong(rung, kUnused);
    }
    return false;
  }

 private:
  [[nodiscard]] std::uint32_t* words() const noexcept {
    return reinterpret_cast<std::uint32_t*>(page_.data());
  }
  [[nodiscard]] std::uint32_t& word(std::uint32_t index) const noexcept {
    return words()[std::size_t{index} << stride_];
  }
  [[nodiscard]] std::uint32_t load(std::uint32_t index) const noexcept {
    return std::atomic_ref(word(index)).load(std::memory_order_acquire);
  }
  void store(std::uint32_t index, std::uint32_t value) noexcept {
    std::atomic_ref(word(index)).store(value, std::memory_order_release);
  }
  void replace(std::uint32_t index, std::uint32_t bad, std::uint32_t valid) noexcept {
    std::atomic_ref(word(index)).compare_exchange_strong(bad, valid);
  }

  platform::FileDescriptor fd_;
  MappedRegion page_;
  std::uint32_t stride_;  ///< CAP.DSTRD
  std::uint32_t count_;   ///< doorbells there is room for
};

}  // namespace doorbell::emulator
