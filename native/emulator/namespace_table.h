#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "emulator/limits.h"
#include "emulator/namespace.h"

namespace doorbell::emulator {

/// The namespaces of the NVM subsystem, by NSID. Changes while no command is processed.
class NamespaceTable {
 public:
  /// Could an NSID of this value exist at all? (1..NN)
  [[nodiscard]] static constexpr bool valid(std::uint32_t nsid) noexcept {
    return nsid - 1 < kMaxNamespaces;
  }
  /// The namespace, when it is attached to the controller; else null.
  [[nodiscard]] Namespace* active(std::uint32_t nsid) const noexcept {
    return valid(nsid) ? active_[nsid - 1] : nullptr;
  }
  /// The namespace, attached or not.
  [[nodiscard]] Namespace* allocated(std::uint32_t nsid) const noexcept {
    return valid(nsid) ? all_[nsid - 1].get() : nullptr;
  }

  /// Calls `visit(Namespace&)` for every allocated namespace, in order of NSID.
  template <class Visit>
  void forEach(Visit visit) const {
    for (const auto& one : all_) {
      if (one) visit(*one);
    }
  }

  void put(std::unique_ptr<Namespace> added) noexcept {
    const std::uint32_t index = added->nsid() - 1;
    all_[index] = std::move(added);
    refresh(index + 1);
  }
  void remove(std::uint32_t nsid) noexcept {
    all_[nsid - 1].reset();
    refresh(nsid);
  }
  /// After NamespaceRecord::attached changed.
  void refresh(std::uint32_t nsid) noexcept {
    Namespace* one = all_[nsid - 1].get();
    active_[nsid - 1] = one != nullptr && one->attached() ? one : nullptr;
  }

 private:
  std::array<Namespace*, kMaxNamespaces> active_{};
  std::array<std::unique_ptr<Namespace>, kMaxNamespaces> all_;
};

}  // namespace doorbell::emulator
