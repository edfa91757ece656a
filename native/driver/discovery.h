#pragma once

#include <memory>
#include <string>

#include "driver/controller_options.h"
#include "driver/dma_buffer.h"
#include "spec/identify.h"

namespace doorbell::driver {

class ControllerCore;

/// What the driver asks an enabled controller before it uses it.
class Discovery {
 public:
  explicit Discovery(ControllerCore& core)
      : core_(core), page_(DmaBuffer::allocate(spec::kIdentifyBytes)) {}

  /// Identify, profile, queues; the limits of the core are set by it.
  ControllerInfo run(const AdoptOptions& options);
  /// What it does, or did when it failed.
  [[nodiscard]] const std::string& step() const noexcept { return step_; }

 private:
  std::vector<std::byte> identify(spec::Cns cns, std::uint32_t nsid, std::uint32_t cntid = 0);
  void identifyController();
  void chooseProfile();
  void identifyNamespaces();
  void askForQueues(const AdoptOptions& options);
  [[nodiscard]] std::size_t largestTransfer() const;

  ControllerCore& core_;
  std::shared_ptr<DmaBuffer> page_;
  spec::IdentifyController controller_;
  ControllerInfo info_;
  std::string step_;
};

}  // namespace doorbell::driver
