#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace doorbell::spec {

/// Directive Types (NVMe Base 2.0, "Directives").
enum class DirectiveType : std::uint8_t { Identify = 0, Streams = 1 };

/// Directive Receive, Identify: Return Parameters data structure. One bit a Directive Type.
struct DirectiveParameters {
  std::array<std::uint8_t, 32> supported{};
  std::array<std::uint8_t, 32> enabled{};
  std::array<std::uint8_t, 32> persistent{};  ///< across Controller Level Resets
  std::array<std::uint8_t, 4000> reserved96{};
};
static_assert(sizeof(DirectiveParameters) == 4096);

/// Directive Receive, Streams: Return Parameters data structure.
struct StreamParameters {
  std::uint16_t maxStreams = 0;  ///< MSL
  std::uint16_t available = 0;   ///< NSSA
  std::uint16_t open = 0;        ///< NSSO
  std::uint8_t capability = 0;   ///< NSSC
  std::array<std::uint8_t, 9> reserved7{};
  std::uint32_t writeSize = 0;        ///< SWS, in logical blocks
  std::uint16_t granularity = 0;      ///< SGS, in units of SWS
  std::uint16_t allocated = 0;        ///< NSA
  std::uint16_t openInNamespace = 0;  ///< NSO
  std::array<std::uint8_t, 6> reserved26{};
};
static_assert(sizeof(StreamParameters) == 32 && offsetof(StreamParameters, writeSize) == 16);

/// Directive Receive, Streams: Get Status data structure, as far as there can be streams.
template <std::size_t kStreams>
struct StreamStatus {
  std::uint16_t count = 0;
  std::array<std::uint16_t, kStreams> streams{};  ///< ascending
};

}  // namespace doorbell::spec
