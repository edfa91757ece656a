#include "binding/io_worker_object.h"

#include <utility>

#include "binding/addon.h"
#include "binding/arguments.h"
#include "binding/results.h"

namespace doorbell::binding {

namespace {

Napi::Object latencyToJs(Napi::Env env, const driver::LatencySummary& latency) {
  auto percentiles = Napi::Array::New(env, latency.percentilesNs.size());
  for (std::size_t index = 0; index < latency.percentilesNs.size(); ++index) {
    percentiles.Set(static_cast<std::uint32_t>(index), latency.percentilesNs[index]);
  }
  auto result = Napi::Object::New(env);
  result.Set("count", Napi::BigInt::New(env, latency.count));
  result.Set("minNs", latency.minNs);
  result.Set("meanNs", latency.meanNs);
  result.Set("maxNs", latency.maxNs);
  result.Set("percentilesNs", percentiles);
  return result;
}

Napi::Object resultToJs(Napi::Env env, const driver::IoWorkerResult& result) {
  auto js = Napi::Object::New(env);
  const auto set64 = [&](const char* name, std::uint64_t value) {
    js.Set(name, Napi::BigInt::New(env, value));
  };
  js.Set("qid", result.qid);
  js.Set("end", result.end);
  js.Set("firstErrorStatus", result.firstErrorStatus);
  set64("firstErrorSequence", result.firstErrorSequence);
  if (result.mismatch) js.Set("mismatch", mismatchToJs(env, *result.mismatch));
  set64("reads", result.reads);
  set64("writes", result.writes);
  set64("bytesRead", result.bytesRead);
  set64("bytesWritten", result.bytesWritten);
  set64("elapsedNs", result.elapsedNs);
  set64("cpuNs", result.cpuNs);
  js.Set("read", latencyToJs(env, result.read));
  js.Set("write", latencyToJs(env, result.write));
  js.Set("all", latencyToJs(env, result.all));
  return js;
}

/// The promise of a result. Owned by the environment's JavaScript side only, see JsPort.
struct Settling {
  explicit Settling(Napi::Env env) : deferred(env) {}
  Napi::Promise::Deferred deferred;
};

std::vector<double> percentileList(const Napi::Value& value) {
  const auto list = object(value, "percentiles").As<Napi::Array>();
  std::vector<double> result;
  for (std::uint32_t index = 0; index < list.Length(); ++index) {
    result.push_back(number(list.Get(index), "percentiles", 0, 100));
  }
  return result;
}

}  // namespace

driver::IoWorkerSpec ioWorkerSpec(const Napi::Value& value) {
  const auto given = object(value, "spec");
  const auto field = [&](const char* name, std::uint32_t least = 0,
                         std::uint32_t most = UINT32_MAX) {
    return integer32(given.Get(name), name, least, most);
  };
  driver::IoWorkerSpec spec;
  spec.nsid = field("nsid", 1);
  spec.lbaBytes = field("lbaBytes", 1);
  spec.blocks = field("blocks", 1, 65536);
  spec.regionStart = bigint64(given.Get("regionStart"), "regionStart");
  spec.regionEnd = bigint64(given.Get("regionEnd"), "regionEnd");
  spec.randomPercent = field("randomPercent", 0, 100);
  spec.readPercent = field("readPercent", 0, 100);
  spec.qdepth = field("qdepth", 1, 65535);
  spec.timeMs = integer(given.Get("timeMs"), "timeMs", 0, 1ULL << 53U);
  spec.ioCount = bigint64(given.Get("ioCount"), "ioCount");
  spec.iops = number(given.Get("iops"), "iops", 0, 1e12);
  spec.seed = bigint64(given.Get("seed"), "seed");
  spec.percentiles = percentileList(given.Get("percentiles"));
  spec.commandTimeoutMs = field("commandTimeoutMs");
  return spec;
}

Napi::FunctionReference IoWorkerObject::define(Napi::Env env) {
  return Napi::Persistent(
      DefineClass(env, kName,
                  {getter<&IoWorkerObject::qid>("qid"), getter<&IoWorkerObject::segment>("segment"),
                   getter<&IoWorkerObject::done>("done"), method<&IoWorkerObject::stop>("stop"),
                   method<&IoWorkerObject::counters>("counters")}));
}

IoWorkerObject::IoWorkerObject(const Napi::CallbackInfo& info)
    : Wrapped(info), worker_(take<std::shared_ptr<driver::IoWorker>>(info)) {
  auto& addon = Addon::of(info.Env());
  const auto port = addon.port();
  const auto settling = addon.keep(std::make_shared<Settling>(info.Env()));
  done_ = Napi::Persistent(settling.lock()->deferred.Promise().As<Napi::Object>());
  port->hold();
  worker_->onDone([port, settling](driver::IoWorkerResult result) {
    port->post([port, settling, result = std::move(result)](Napi::Env env) {
      port->release();
      if (const auto promised = settling.lock()) {
        Addon::of(env).drop(promised);
        promised->deferred.Resolve(resultToJs(env, result));
      }
    });
  });
}

Napi::Value IoWorkerObject::qid(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), worker_->qid());
}

Napi::Value IoWorkerObject::segment(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), worker_->segment());
}

Napi::Value IoWorkerObject::done(const Napi::CallbackInfo& /*info*/) { return done_.Value(); }

Napi::Value IoWorkerObject::stop(const Napi::CallbackInfo& info) {
  worker_->stop();
  return info.Env().Undefined();
}

Napi::Value IoWorkerObject::counters(const Napi::CallbackInfo& info) {
  const auto live = worker_->counters();
  auto result = Napi::Object::New(info.Env());
  result.Set("ios", Napi::BigInt::New(info.Env(), live.ios));
  result.Set("bytes", Napi::BigInt::New(info.Env(), live.bytes));
  return result;
}

}  // namespace doorbell::binding
