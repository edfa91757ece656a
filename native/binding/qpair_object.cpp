#include "binding/qpair_object.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "binding/addon.h"
#include "binding/arguments.h"
#include "binding/dma_buffer_object.h"
#include "binding/promise_worker.h"
#include "binding/results.h"
#include "binding/transfers.h"

namespace doorbell::binding {

void Notification::arm(Napi::Function callback) {
  if (!armed_) port_->hold();
  armed_ = true;
  if (callback_.IsEmpty() || !callback_.Value().StrictEquals(callback))
    callback_ = Napi::Persistent(callback);
}

void Notification::disarm() {
  if (!std::exchange(armed_, false)) return;
  port_->release();
  callback_.Reset();
}

void Notification::fire() {
  if (!armed_) return;
  const Napi::Function callback = callback_.Value();
  disarm();
  callback.Call({});
}

Napi::FunctionReference QpairObject::define(Napi::Env env) {
  return Napi::Persistent(DefineClass(
      env, kName,
      {getter<&QpairObject::qid>("qid"), getter<&QpairObject::segment>("segment"),
       getter<&QpairObject::depth>("depth"), getter<&QpairObject::vector>("vector"),
       getter<&QpairObject::outstanding>("outstanding"), method<&QpairObject::submit>("submit"),
       method<&QpairObject::submitTransfer>("submitTransfer"), method<&QpairObject::post>("post"),
       method<&QpairObject::ringDoorbell>("ringDoorbell"),
       method<&QpairObject::submitFused>("submitFused"), method<&QpairObject::reap>("reap"),
       method<&QpairObject::notify>("notify"),
       method<&QpairObject::nextDeadlineMs>("nextDeadlineMs"),
       method<&QpairObject::dossier>("dossier"), method<&QpairObject::mismatch>("mismatch"),
       method<&QpairObject::remove>("delete")}));
}

QpairObject::QpairObject(const Napi::CallbackInfo& info)
    : Wrapped(info), notification_(std::make_shared<Notification>(Addon::of(info.Env()).port())) {
  auto handle = take<QpairHandle>(info);
  qpair_ = std::move(handle.qpair);
  channel_ = std::move(handle.channel);
}

QpairObject::~QpairObject() {
  if (!qpair_) return;
  qpair_->notify(nullptr, channel_.get());
  if (channel_) qpair_->closeChannel(channel_);
}

Napi::Value QpairObject::qid(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), qpair_->qid());
}

Napi::Value QpairObject::segment(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), qpair_->segment());
}

Napi::Value QpairObject::depth(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), qpair_->depth());
}

Napi::Value QpairObject::vector(const Napi::CallbackInfo& info) {
  const auto vector = qpair_->vector();
  return Napi::Number::New(info.Env(), vector ? static_cast<double>(*vector) : -1);
}

Napi::Value QpairObject::outstanding(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), qpair_->outstanding(channel_.get()));
}

Napi::Value QpairObject::submit(const Napi::CallbackInfo& info) {
  const auto given = sqeBytes(info[0], "sqe");
  auto sqe = sqeFrom(given);
  const auto buffer = info[1].IsUndefined() ? std::shared_ptr<driver::DmaBuffer>()
                                            : DmaBufferObject::from(info[1], "buffer").buffer();
  const auto offset = integer32(info[2], "offset");
  const auto length = integer32(info[3], "length");
  const auto timeoutMs = integer32(info[4], "timeoutMs");
  const auto cid = qpair_->submit(sqe, buffer, offset, length, timeoutMs, &sqe, channel_.get());
  std::memcpy(given.data(), &sqe, sizeof sqe);
  return Napi::Number::New(info.Env(), cid);
}

Napi::Value QpairObject::submitTransfer(const Napi::CallbackInfo& info) {
  const auto given = sqeBytes(info[0], "sqe");
  const auto transfer = transferFrom(info[1]);
  auto sqe = sqeFrom(given);
  const auto cid = qpair_->submit(sqe, transfer, &sqe, channel_.get());
  std::memcpy(given.data(), &sqe, sizeof sqe);
  return Napi::Number::New(info.Env(), cid);
}

Napi::Value QpairObject::post(const Napi::CallbackInfo& info) {
  const auto given = sqeBytes(info[0], "sqe");
  const auto transfer = transferFrom(info[1]);
  auto sqe = sqeFrom(given);
  const auto cid = qpair_->post(sqe, transfer, &sqe, channel_.get());
  std::memcpy(given.data(), &sqe, sizeof sqe);
  return Napi::Number::New(info.Env(), cid);
}

Napi::Value QpairObject::ringDoorbell(const Napi::CallbackInfo& info) {
  qpair_->ringDoorbell();
  return info.Env().Undefined();
}

Napi::Value QpairObject::submitFused(const Napi::CallbackInfo& info) {
  const std::array given{sqeBytes(info[0], "first"), sqeBytes(info[2], "second")};
  const std::array transfers{transferFrom(info[1]), transferFrom(info[3])};
  std::array sqes{sqeFrom(given[0]), sqeFrom(given[1])};
  const auto cids = qpair_->submitFused(sqes, transfers, sqes.data(), channel_.get());
  auto result = Napi::Array::New(info.Env(), cids.size());
  for (std::uint32_t index = 0; index < cids.size(); ++index) {
    std::memcpy(given[index].data(), &sqes[index], sizeof(spec::Sqe));
    result.Set(index, cids[index]);
  }
  return result;
}

Napi::Value QpairObject::reap(const Napi::CallbackInfo& info) {
  const auto into = bytes(info[0], "into");
  const auto spin = std::chrono::microseconds(integer32(info[1], "spinUs", 0, 1'000'000));
  if (reinterpret_cast<std::uintptr_t>(into.data()) % alignof(driver::ReapedCompletion) != 0) {
    throw Napi::RangeError::New(info.Env(),
                                "into must start at a multiple of 8 in its ArrayBuffer");
  }
  const std::span completions(reinterpret_cast<driver::ReapedCompletion*>(into.data()),
                              into.size() / sizeof(driver::ReapedCompletion));
  return Napi::Number::New(info.Env(), qpair_->reap(completions, spin, channel_.get()));
}

Napi::Value QpairObject::notify(const Napi::CallbackInfo& info) {
  if (info[0].IsUndefined()) {
    qpair_->notify(nullptr, channel_.get());
    notification_->disarm();
    return info.Env().Undefined();
  }
  notification_->arm(function(info[0], "callback"));
  qpair_->notify(
      [port = notification_->port(), weak = std::weak_ptr(notification_)] {
        port->post([weak](Napi::Env /*env*/) {
          if (const auto notification = weak.lock()) notification->fire();
        });
      },
      channel_.get());
  return info.Env().Undefined();
}

Napi::Value QpairObject::nextDeadlineMs(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(qpair_->nextDeadlineMs()));
}

Napi::Value QpairObject::dossier(const Napi::CallbackInfo& info) {
  return dossierToJs(info.Env(), qpair_->dossier());
}

Napi::Value QpairObject::mismatch(const Napi::CallbackInfo& info) {
  const auto found = qpair_->mismatch(integer(info[0], "sequence", 1, 1ULL << 53U));
  return found ? mismatchToJs(info.Env(), *found) : info.Env().Undefined();
}

Napi::Value QpairObject::remove(const Napi::CallbackInfo& info) {
  return promise(info.Env(), [qpair = qpair_] { qpair->remove(); });
}

}  // namespace doorbell::binding
