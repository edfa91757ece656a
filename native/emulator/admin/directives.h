#pragma once

#include <array>
#include <cstdint>

#include "emulator/limits.h"
#include "spec/directive.h"

namespace doorbell::emulator {

/// The Streams Directive (NVMe Base 2.0, "Streams"): which namespaces use it, the stream resources
/// they have for themselves and those all share, and the streams that are open.
class Directives {
 public:
  static constexpr std::uint16_t kMaxStreams = 16;  ///< MSL
  static constexpr std::uint32_t kWriteBytes = 64U << 10U;
  static constexpr std::uint16_t kGranularity = 16;  ///< SGS

  [[nodiscard]] bool streamsEnabled(std::uint32_t nsid) const noexcept {
    return spaces_[nsid - 1].enabled;
  }
  /// True while any namespace uses the Directive: then DTYPE of I/O commands counts.
  [[nodiscard]] bool anyEnabled() const noexcept { return enabled_ != 0; }
  /// Disabling releases what the namespace has.
  void enableStreams(std::uint32_t nsid, bool enable) noexcept;

  /// A write to a stream: opens it, closing another when there are no resources left.
  void use(std::uint32_t nsid, std::uint16_t stream) noexcept;
  /// The host no longer uses the stream.
  void close(std::uint32_t nsid, std::uint16_t stream) noexcept;

  /// Takes up to `wanted` resources for the namespace alone; how many it got.
  std::uint16_t allocate(std::uint32_t nsid, std::uint16_t wanted) noexcept;
  void release(std::uint32_t nsid) noexcept;
  [[nodiscard]] std::uint16_t allocated(std::uint32_t nsid) const noexcept {
    return spaces_[nsid - 1].allocated;
  }

  /// Of the namespace; NSID 0 asks for what does not depend on one.
  [[nodiscard]] spec::StreamParameters parameters(std::uint32_t nsid,
                                                  std::uint32_t lbaShift) const noexcept;
  /// Open streams; NSID 0: those with shared resources.
  [[nodiscard]] spec::StreamStatus<kMaxStreams> status(std::uint32_t nsid) const noexcept;

  /// The namespace is gone, or was formatted.
  void forget(std::uint32_t nsid) noexcept;
  /// A sanitize operation starts: stream identifiers are released.
  void closeAll() noexcept;
  /// A Controller Level Reset: the Directive is disabled everywhere.
  void reset() noexcept { *this = {}; }

 private:
  struct Space {
    bool enabled = false;
    std::uint16_t allocated = 0;
    std::uint16_t opened = 0;
    std::array<std::uint16_t, kMaxStreams> streams{};  ///< least recently used first
  };

  [[nodiscard]] std::uint16_t allocatedToAll() const noexcept;
  [[nodiscard]] std::uint16_t sharedOpen() const noexcept;
  static void remove(Space& space, std::uint16_t index) noexcept;
  [[nodiscard]] bool roomFor(const Space& space) const noexcept;
  void makeRoom(Space& space) noexcept;

  std::array<Space, kMaxNamespaces> spaces_{};
  std::uint32_t enabled_ = 0;  ///< namespaces
};

}  // namespace doorbell::emulator
