#include "binding/results.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace doorbell::binding {

namespace {

Napi::Uint8Array copied(Napi::Env env, std::span<const std::byte> bytes) {
  auto array = Napi::Uint8Array::New(env, bytes.size());
  std::ranges::copy(bytes, reinterpret_cast<std::byte*>(array.Data()));
  return array;
}

Napi::Uint8Array bytesOf(Napi::Env env, const spec::Cqe& cqe) {
  return copied(env, std::as_bytes(std::span(&cqe, 1)));
}

}  // namespace

Napi::Value controllerInfoToJs(Napi::Env env, const driver::ControllerInfo& info) {
  auto namespaces = Napi::Array::New(env, info.namespaces.size());
  for (std::size_t index = 0; index < info.namespaces.size(); ++index) {
    auto entry = Napi::Object::New(env);
    entry.Set("nsid", info.namespaces[index].nsid);
    entry.Set("identify", copied(env, info.namespaces[index].identify));
    namespaces.Set(static_cast<std::uint32_t>(index), entry);
  }
  auto result = Napi::Object::New(env);
  result.Set("identify", copied(env, info.identify));
  result.Set("namespaces", namespaces);
  result.Set("ioQueues", info.ioQueues);
  return result;
}

Napi::Value adminRegistersToJs(Napi::Env env, const driver::AdminQueueRegisters& registers) {
  auto result = Napi::Object::New(env);
  result.Set("aqa", registers.aqa);
  result.Set("asq", Napi::BigInt::New(env, registers.asq));
  result.Set("acq", Napi::BigInt::New(env, registers.acq));
  return result;
}

Napi::Value controllerMemoryToJs(Napi::Env env, const driver::ControllerMemory& memory) {
  auto result = Napi::Object::New(env);
  result.Set("size", static_cast<double>(memory.size()));
  result.Set("freeBytes", static_cast<double>(memory.freeBytes()));
  result.Set("busAddress", Napi::BigInt::New(env, memory.bus()));
  result.Set("holds", memory.holds().raw & spec::reg::Cmbsz::kEverything);
  return result;
}

Napi::Value driverEventToJs(Napi::Env env, const driver::DriverEvent& event) {
  auto result = Napi::Object::New(env);
  result.Set("kind", event.kind);
  result.Set("message", event.message);
  if (!event.reason.empty()) result.Set("reason", event.reason);
  if (event.cqe) result.Set("cqe", bytesOf(env, *event.cqe));
  if (event.qid) result.Set("qid", *event.qid);
  return result;
}

Napi::Value mismatchToJs(Napi::Env env, const driver::DataMismatch& mismatch) {
  static constexpr std::array kKinds{"misplaced", "stale", "corrupt"};
  auto result = Napi::Object::New(env);
  const auto set64 = [&](const char* name, std::uint64_t value) {
    result.Set(name, Napi::BigInt::New(env, value));
  };
  result.Set("kind", kKinds.at(static_cast<std::size_t>(mismatch.kind)));
  set64("lba", mismatch.lba);
  set64("expectedToken", mismatch.expectedToken);
  set64("foundLba", mismatch.foundLba);
  set64("foundToken", mismatch.foundToken);
  result.Set("message", driver::describe(mismatch));
  return result;
}

Napi::Value dossierToJs(Napi::Env env, const driver::Dossier& facts) {
  auto cids = Napi::Array::New(env, facts.outstandingCids.size());
  for (std::size_t index = 0; index < facts.outstandingCids.size(); ++index) {
    cids.Set(static_cast<std::uint32_t>(index), facts.outstandingCids[index]);
  }
  auto slots = Napi::Array::New(env, facts.changedSlots.size());
  for (std::size_t index = 0; index < facts.changedSlots.size(); ++index) {
    const auto& changed = facts.changedSlots[index];
    auto slot = Napi::Object::New(env);
    slot.Set("slot", changed.slot);
    slot.Set("cqe", bytesOf(env, changed.now));
    slot.Set("before", bytesOf(env, changed.before));
    slots.Set(static_cast<std::uint32_t>(index), slot);
  }
  auto result = Napi::Object::New(env);
  result.Set("csts", facts.csts);
  result.Set("cc", facts.cc);
  result.Set("sqTail", facts.sqTail);
  result.Set("sqHead", facts.sqHead);
  result.Set("cqHead", facts.cqHead);
  result.Set("cqPhase", facts.cqPhase);
  result.Set("outstandingCids", cids);
  result.Set("changedSlots", slots);
  return result;
}

}  // namespace doorbell::binding
