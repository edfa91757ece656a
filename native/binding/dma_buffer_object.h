#pragma once

#include <memory>

#include "binding/type_tags.h"
#include "binding/wrapped.h"
#include "driver/dma_buffer.h"

namespace doorbell::binding {

/// `NativeDmaBuffer` of testkit/nativeSurface.ts.
class DmaBufferObject final : public Wrapped<DmaBufferObject> {
 public:
  static constexpr const char* kName = "DmaBuffer";
  static constexpr const napi_type_tag& kTag = tags::kDmaBuffer;
  static Napi::FunctionReference define(Napi::Env env);
  explicit DmaBufferObject(const Napi::CallbackInfo& info);

  [[nodiscard]] const std::shared_ptr<driver::DmaBuffer>& buffer() const noexcept {
    return buffer_;
  }

 private:
  Napi::Value size(const Napi::CallbackInfo& info);
  Napi::Value pins(const Napi::CallbackInfo& info);
  Napi::Value read(const Napi::CallbackInfo& info);
  Napi::Value write(const Napi::CallbackInfo& info);
  Napi::Value fill(const Napi::CallbackInfo& info);
  Napi::Value fillIncrementing(const Napi::CallbackInfo& info);
  Napi::Value fillRandom(const Napi::CallbackInfo& info);
  Napi::Value compare(const Napi::CallbackInfo& info);
  Napi::Value crc32c(const Napi::CallbackInfo& info);
  Napi::Value busAddress(const Napi::CallbackInfo& info);
  Napi::Value fillProtection(const Napi::CallbackInfo& info);
  Napi::Value checkProtection(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  std::shared_ptr<driver::DmaBuffer> buffer_;
};

}  // namespace doorbell::binding
