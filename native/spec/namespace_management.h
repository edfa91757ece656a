#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace doorbell::spec {

/// Namespace Management command, SEL field (NVMe Base 2.0, "Namespace Management command").
enum class NamespaceSelect : std::uint8_t { Create = 0, Delete = 1 };

/// Namespace Attachment command, SEL field.
enum class AttachmentSelect : std::uint8_t { Attach = 0, Detach = 1 };

/// Host Software Specified Fields of Namespace Management: Create (NVM Command Set 1.0).
struct NamespaceRequest {
  std::uint64_t nsze = 0;
  std::uint64_t ncap = 0;
  std::array<std::uint8_t, 10> reserved16{};
  std::uint8_t flbas = 0;
  std::array<std::uint8_t, 2> reserved27{};
  std::uint8_t dps = 0;
  std::uint8_t nmic = 0;
  std::array<std::uint8_t, 61> reserved31{};
  std::uint32_t anagrpid = 0;
  std::array<std::uint8_t, 4> reserved96{};
  std::uint16_t nvmsetid = 0;
  std::uint16_t endgid = 0;
  std::array<std::uint8_t, 408> reserved104{};
};
static_assert(sizeof(NamespaceRequest) == 512 && offsetof(NamespaceRequest, dps) == 29);
static_assert(offsetof(NamespaceRequest, anagrpid) == 92 &&
              offsetof(NamespaceRequest, endgid) == 102);

/// Controller List: identifiers in ascending order.
struct ControllerList {
  static constexpr std::uint16_t kMost = 2047;

  std::uint16_t count = 0;
  std::array<std::uint16_t, kMost> ids{};
};
static_assert(sizeof(ControllerList) == 4096);

}  // namespace doorbell::spec
