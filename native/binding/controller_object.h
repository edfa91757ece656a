#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "binding/js_port.h"
#include "binding/type_tags.h"
#include "binding/wrapped.h"
#include "driver/controller.h"

namespace doorbell::binding {

/// A controller as one JavaScript environment has it.
struct ControllerHandle {
  std::shared_ptr<driver::Controller> controller;
  /// Another environment opened it: closing ends what was made here, and leaves the controller.
  bool isAttached = false;
};

/// `NativeController` of testkit/nativeSurface.ts.
class ControllerObject final : public Wrapped<ControllerObject> {
 public:
  static constexpr const char* kName = "Controller";
  static constexpr const napi_type_tag& kTag = tags::kController;
  static Napi::FunctionReference define(Napi::Env env);
  explicit ControllerObject(const Napi::CallbackInfo& info);
  ~ControllerObject() override;

  /// Throws Error{"CLOSED"} after an attached one was closed.
  [[nodiscard]] const std::shared_ptr<driver::Controller>& controller() const;

 private:
  Napi::Value address(const Napi::CallbackInfo& info);
  Napi::Value powered(const Napi::CallbackInfo& info);
  Napi::Value admin(const Napi::CallbackInfo& info);
  Napi::Value faults(const Napi::CallbackInfo& info);
  Napi::Value readRegister(const Napi::CallbackInfo& info);
  Napi::Value writeRegister(const Napi::CallbackInfo& info);
  Napi::Value configRead(const Napi::CallbackInfo& info);
  Napi::Value configWrite(const Napi::CallbackInfo& info);
  Napi::Value initialize(const Napi::CallbackInfo& info);
  Napi::Value prepareAdmin(const Napi::CallbackInfo& info);
  Napi::Value awaitCsts(const Napi::CallbackInfo& info);
  Napi::Value adopt(const Napi::CallbackInfo& info);
  Napi::Value setVerification(const Napi::CallbackInfo& info);
  Napi::Value reserveQid(const Napi::CallbackInfo& info);
  Napi::Value releaseQid(const Napi::CallbackInfo& info);
  Napi::Value addRawQueue(const Napi::CallbackInfo& info);
  Napi::Value enableMemory(const Napi::CallbackInfo& info);
  Napi::Value disableMemory(const Napi::CallbackInfo& info);
  Napi::Value memory(const Napi::CallbackInfo& info);
  Napi::Value allocateInMemory(const Napi::CallbackInfo& info);
  Napi::Value claimInterrupt(const Napi::CallbackInfo& info);
  Napi::Value interruptMessages(const Napi::CallbackInfo& info);
  Napi::Value clearInterrupt(const Napi::CallbackInfo& info);
  Napi::Value maskInterrupt(const Napi::CallbackInfo& info);
  Napi::Value releaseInterrupt(const Napi::CallbackInfo& info);
  Napi::Value disable(const Napi::CallbackInfo& info);
  Napi::Value shutdown(const Napi::CallbackInfo& info);
  Napi::Value createQpair(const Napi::CallbackInfo& info);
  Napi::Value startIoWorker(const Napi::CallbackInfo& info);
  Napi::Value reset(const Napi::CallbackInfo& info);
  Napi::Value power(const Napi::CallbackInfo& info);
  Napi::Value onEvent(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  /// What this environment made, to be ended with an attachment.
  struct Made {
    std::vector<std::weak_ptr<driver::Qpair>> qpairs;
    std::vector<std::weak_ptr<driver::IoWorker>> workers;
    void end() const noexcept;
  };
  void dropEvents();

  std::shared_ptr<driver::Controller> controller_;
  bool isAttached_;
  bool isDetached_ = false;
  std::shared_ptr<Made> made_ = std::make_shared<Made>();
  std::shared_ptr<Napi::FunctionReference> eventCallback_;  ///< native threads only know it weakly
  std::optional<std::uint64_t> eventNumber_;
  Napi::ObjectReference admin_;
  std::weak_ptr<driver::Qpair> adminOf_;  ///< what `admin_` wraps
};

}  // namespace doorbell::binding
