#include "binding/io_worker_results.h"

#include <vector>

#include "binding/results.h"

namespace doorbell::binding {

namespace {

/// Exact up to 2^53.
template <class Item>
Napi::Float64Array numbers(Napi::Env env, const std::vector<Item>& values) {
  auto array = Napi::Float64Array::New(env, values.size());
  for (std::size_t index = 0; index < values.size(); ++index)
    array[index] = static_cast<double>(values[index]);
  return array;
}

/// With every bucket that has samples: any percentile can be told later.
Napi::Object latencyToJs(Napi::Env env, const driver::LatencySummary& latency) {
  std::vector<double> values;
  std::vector<std::uint64_t> counts;
  latency.histogram->each([&](double value, std::uint64_t count) {
    values.push_back(value);
    counts.push_back(count);
  });
  auto result = Napi::Object::New(env);
  result.Set("count", Napi::BigInt::New(env, latency.count));
  result.Set("minNs", latency.minNs);
  result.Set("meanNs", latency.meanNs);
  result.Set("maxNs", latency.maxNs);
  result.Set("values", numbers(env, values));
  result.Set("counts", numbers(env, counts));
  return result;
}

template <class Latencies>
void setLatencies(Napi::Object js, const Latencies& of) {
  js.Set("read", latencyToJs(js.Env(), of.read));
  js.Set("write", latencyToJs(js.Env(), of.write));
  js.Set("other", latencyToJs(js.Env(), of.other));
  js.Set("all", latencyToJs(js.Env(), of.all));
}

Napi::Array opsToJs(Napi::Env env, const std::vector<driver::OpCount>& ops) {
  auto list = Napi::Array::New(env, ops.size());
  for (std::size_t index = 0; index < ops.size(); ++index) {
    auto op = Napi::Object::New(env);
    op.Set("opcode", ops[index].opcode);
    op.Set("ios", Napi::BigInt::New(env, ops[index].ios));
    op.Set("bytes", Napi::BigInt::New(env, ops[index].bytes));
    op.Set("latency", latencyToJs(env, ops[index].latency));
    list.Set(static_cast<std::uint32_t>(index), op);
  }
  return list;
}

Napi::Object seriesToJs(Napi::Env env, const driver::IoSeries& series) {
  auto js = Napi::Object::New(env);
  js.Set("intervalMs", series.intervalMs);
  js.Set("ios", numbers(env, series.ios));
  js.Set("bytes", numbers(env, series.bytes));
  return js;
}

}  // namespace

Napi::Value ioWorkerResultToJs(Napi::Env env, const driver::IoWorkerResult& result) {
  auto js = Napi::Object::New(env);
  const auto set64 = [&](const char* name, std::uint64_t value) {
    js.Set(name, Napi::BigInt::New(env, value));
  };
  js.Set("qid", result.qid);
  js.Set("end", result.end);
  js.Set("firstErrorStatus", result.firstErrorStatus);
  set64("firstErrorSequence", result.firstErrorSequence);
  if (result.mismatch) js.Set("mismatch", mismatchToJs(env, *result.mismatch));
  set64("errors", result.errors);
  set64("reads", result.reads);
  set64("writes", result.writes);
  set64("others", result.others);
  set64("bytesRead", result.bytesRead);
  set64("bytesWritten", result.bytesWritten);
  set64("startNs", result.startNs);
  set64("elapsedNs", result.elapsedNs);
  set64("windowNs", result.windowNs);
  set64("cpuNs", result.cpuNs);
  set64("maxLagNs", result.maxLagNs);
  set64("unsent", result.unsent);
  setLatencies(js, result);
  if (result.lag) js.Set("lag", latencyToJs(env, *result.lag));
  if (result.fromDue) {
    auto fromDue = Napi::Object::New(env);
    setLatencies(fromDue, *result.fromDue);
    js.Set("fromDue", fromDue);
  }
  js.Set("ops", opsToJs(env, result.ops));
  js.Set("series", seriesToJs(env, result.series));
  return js;
}

}  // namespace doorbell::binding
