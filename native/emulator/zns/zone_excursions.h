#pragma once

#include <cstdint>
#include <vector>

#include "emulator/background.h"
#include "emulator/namespace_table.h"

namespace doorbell::emulator {

/// Zone active excursions (ZNS Command Set 1.1): zones that are active for longer than the
/// namespace allows are finished by the controller. At half of that time it recommends to finish
/// them. Both change zone descriptors, which the Changed Zone List tells.
class ZoneExcursions final : public BackgroundOperation {
 public:
  ZoneExcursions(const NamespaceTable& namespaces, std::uint32_t limitMs)
      : namespaces_(namespaces), limitNs_(std::uint64_t{limitMs} * 1'000'000) {}

  [[nodiscard]] std::uint64_t nextDue() const noexcept override;
  void tick(std::uint64_t now) noexcept override;

 private:
  static constexpr std::uint64_t kLooks = 8;  ///< within the time a zone has

  void look(Namespace& ns, std::uint64_t now) noexcept;

  const NamespaceTable& namespaces_;
  std::uint64_t limitNs_;
  std::uint64_t lastLook_ = 0;
};

}  // namespace doorbell::emulator
