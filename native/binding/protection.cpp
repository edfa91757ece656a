// Protection information of the blocks in a DMA buffer.
#include "driver/meta/protection.h"

#include <array>

#include "binding/arguments.h"
#include "binding/dma_buffer_object.h"

namespace doorbell::binding {

namespace {

driver::ProtectedBlocks blocksFrom(const std::shared_ptr<driver::DmaBuffer>& buffer,
                                   const Napi::Object& given) {
  const auto field = [&](const char* name, std::uint32_t least, std::uint32_t most) {
    return integer32(given.Get(name), name, least, most);
  };
  driver::ProtectedBlocks blocks{.data = buffer,
                                 .offset = field("offset", 0, UINT32_MAX),
                                 .lbaBytes = field("lbaBytes", 1, 1U << 20U),
                                 .blocks = field("blocks", 1, 65536)};
  blocks.layout.type = static_cast<spec::ProtectionType>(field("type", 1, 3));
  blocks.layout.first = given.Get("first").ToBoolean();
  blocks.layout.metadataBytes = static_cast<std::uint16_t>(field("metadataBytes", 8, 0xffff));
  if (const auto metadata = given.Get("metadata"); !metadata.IsUndefined()) {
    blocks.metadata = DmaBufferObject::from(metadata, "metadata").buffer();
    blocks.metadataOffset = field("metadataOffset", 0, UINT32_MAX);
  }
  return blocks;
}

Napi::Object tupleToJs(Napi::Env env, const spec::ProtectionTuple& tuple) {
  auto result = Napi::Object::New(env);
  result.Set("guard", tuple.guard);
  result.Set("appTag", tuple.appTag);
  result.Set("refTag", tuple.refTag);
  return result;
}

/// By ProtectionFault.
constexpr std::array kFaults{"none", "guard", "app-tag", "ref-tag"};

}  // namespace

Napi::Value DmaBufferObject::fillProtection(const Napi::CallbackInfo& info) {
  const auto given = object(info[0], "options");
  driver::fillProtection(
      blocksFrom(buffer_, given),
      static_cast<std::uint16_t>(integer32(given.Get("appTag"), "appTag", 0, 0xffff)),
      integer32(given.Get("refTag"), "refTag"));
  return info.Env().Undefined();
}

Napi::Value DmaBufferObject::checkProtection(const Napi::CallbackInfo& info) {
  const auto given = object(info[0], "options");
  const auto tag = [&](const char* name) {
    return static_cast<std::uint16_t>(integer32(given.Get(name), name, 0, 0xffff));
  };
  const spec::ProtectionExpectation expected{
      .checks = static_cast<std::uint8_t>(integer32(given.Get("checks"), "checks", 0, 7)),
      .appTag = tag("appTag"),
      .appTagMask = tag("appTagMask"),
      .refTag = integer32(given.Get("refTag"), "refTag")};
  const auto wrong = driver::checkProtection(blocksFrom(buffer_, given), expected);
  if (!wrong) return info.Env().Undefined();
  auto result = Napi::Object::New(info.Env());
  result.Set("block", wrong->block);
  result.Set("fault", kFaults.at(static_cast<std::size_t>(wrong->fault)));
  result.Set("found", tupleToJs(info.Env(), wrong->found));
  result.Set("expected", tupleToJs(info.Env(), wrong->expected));
  return result;
}

}  // namespace doorbell::binding
