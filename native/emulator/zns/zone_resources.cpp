#include "emulator/zns/zone_resources.h"

#include <algorithm>

namespace doorbell::emulator {

ZoneResources::ZoneResources(const ZoneGeometry& geometry)
    : maxActive_(geometry.maxActive), maxOpen_(geometry.maxOpen) {
  order_.reserve(maxOpen_);
}

std::optional<std::uint32_t> ZoneResources::oldestImplicit() const noexcept {
  if (order_.empty()) return std::nullopt;
  return order_.front();
}

void ZoneResources::forgetImplicit(std::uint32_t zone) noexcept {
  --implicit_;
  const auto found = std::find(order_.begin(), order_.end(), zone);
  if (found != order_.end()) order_.erase(found);
}

void ZoneResources::moved(std::uint32_t zone, spec::ZoneState from, spec::ZoneState to) noexcept {
  if (from == to) return;
  if (isActive(from)) --active_;
  if (isOpen(from)) --open_;
  if (from == spec::ZoneState::ImplicitlyOpened) forgetImplicit(zone);
  if (isActive(to)) ++active_;
  if (isOpen(to)) ++open_;
  if (to != spec::ZoneState::ImplicitlyOpened) return;
  ++implicit_;
  if (order_.size() < maxOpen_) order_.push_back(zone);
}

}  // namespace doorbell::emulator
