#include "binding/io_worker_arguments.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "binding/arguments.h"

namespace doorbell::binding {

namespace {

constexpr std::uint64_t kMostSafe = 1ULL << 53U;

template <class Item, class Convert>
std::vector<Item> listOf(const Napi::Value& value, const char* name, Convert&& convert) {
  if (!value.IsArray())
    throw Napi::TypeError::New(value.Env(), std::string(name) + " must be an array");
  const auto list = value.As<Napi::Array>();
  std::vector<Item> result;
  for (std::uint32_t index = 0; index < list.Length(); ++index) {
    const Napi::Value item = list.Get(index);
    result.push_back(convert(item));
  }
  return result;
}

driver::IoSize sizeOf(const Napi::Value& value) {
  const auto size = object(value, "sizes");
  return {.blocks = integer32(size.Get("blocks"), "blocks", 1, 65536),
          .weight = integer32(size.Get("weight"), "weight", 1),
          .align = integer32(size.Get("align"), "align")};
}

driver::IoOpShare opOf(const Napi::Value& value) {
  const auto op = object(value, "ops");
  return {.opcode = static_cast<std::uint8_t>(integer32(op.Get("opcode"), "opcode", 0, 255)),
          .weight = integer32(op.Get("weight"), "weight")};
}

driver::IoData dataOf(const Napi::Value& value) {
  using Kind = driver::IoData::Kind;
  const auto data = object(value, "data");
  const std::string kind = text(data.Get("kind"), "kind");
  return {.kind = kind == "dword"          ? Kind::Dword
                  : kind == "incrementing" ? Kind::Incrementing
                                           : Kind::Random,
          .dword = integer32(data.Get("dword"), "dword"),
          .compressiblePercent =
              integer32(data.Get("compressiblePercent"), "compressiblePercent", 0, 100),
          .seed = bigint64(data.Get("seed"), "seed")};
}

/// A typed array of one length with the others.
template <class Element>
std::span<const Element> columnOf(const Napi::Object& from, const char* name, std::size_t length) {
  const Napi::Value value = from.Get(name);
  const auto refuse = [&](const char* what) {
    throw Napi::TypeError::New(value.Env(), std::string("sequence.") + name + what);
  };
  if (!value.IsTypedArray()) refuse(" must be a typed array");
  const auto array = value.As<Napi::TypedArray>();
  if (array.ElementSize() != sizeof(Element)) refuse(" has elements of another size");
  if (array.ElementLength() != length) refuse(" has another length than the others");
  const auto* data = static_cast<const std::byte*>(array.ArrayBuffer().Data()) + array.ByteOffset();
  return {reinterpret_cast<const Element*>(data), length};
}

std::shared_ptr<const driver::IoSequence> sequenceOf(const Napi::Value& value) {
  const auto given = object(value, "sequence");
  auto sequence = std::make_shared<driver::IoSequence>();
  sequence->opcodes = listOf<std::uint8_t>(given.Get("opcodes"), "opcodes", [](const auto& item) {
    return static_cast<std::uint8_t>(integer32(item, "opcode", 0, 255));
  });
  sequence->commands = ioCommands(given);
  if (given.Get("unpaced").ToBoolean()) sequence->paced = false;
  if (!given.Get("mostBlocks").IsUndefined())
    sequence->mostBlocks = integer32(given.Get("mostBlocks"), "mostBlocks", 1, 65536);
  if (given.Get("open").ToBoolean()) sequence->more = std::make_shared<driver::CommandStream>();
  return sequence;
}

void readOptional(const Napi::Object& given, driver::IoWorkerSpec& spec) {
  const auto has = [&](const char* name) { return !given.Get(name).IsUndefined(); };
  if (has("lbaStart")) spec.lbaStart = bigint64(given.Get("lbaStart"), "lbaStart");
  if (has("lbaStep")) {
    bool lossless = false;
    if (given.Get("lbaStep").IsBigInt())
      spec.lbaStep = given.Get("lbaStep").As<Napi::BigInt>().Int64Value(&lossless);
    if (!lossless)
      throw Napi::RangeError::New(given.Env(), "lbaStep must be a bigint of -2^63 to 2^63-1");
  }
  if (has("cpu")) spec.cpu = integer32(given.Get("cpu"), "cpu", 0, 65535);
  if (has("sequence")) spec.sequence = sequenceOf(given.Get("sequence"));
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
  spec.sizes = listOf<driver::IoSize>(given.Get("sizes"), "sizes", sizeOf);
  spec.ops = listOf<driver::IoOpShare>(given.Get("ops"), "ops", opOf);
  spec.regionStart = bigint64(given.Get("regionStart"), "regionStart");
  spec.regionEnd = bigint64(given.Get("regionEnd"), "regionEnd");
  spec.randomPercent = field("randomPercent", 0, 100);
  spec.distribution = listOf<std::uint32_t>(
      given.Get("distribution"), "distribution",
      [](const Napi::Value& item) { return integer32(item, "distribution", 0, 10'000); });
  spec.fuaPercent = field("fuaPercent", 0, 100);
  spec.qdepth = field("qdepth", 1, 65535);
  spec.priority = field("priority", 0, 3);
  spec.timeMs = integer(given.Get("timeMs"), "timeMs", 0, kMostSafe);
  spec.ioCount = bigint64(given.Get("ioCount"), "ioCount");
  spec.iops = number(given.Get("iops"), "iops", 0, 1e12);
  spec.seed = bigint64(given.Get("seed"), "seed");
  spec.data = dataOf(given.Get("data"));
  spec.intervalMs = field("intervalMs", 1);
  spec.commandTimeoutMs = field("commandTimeoutMs");
  spec.continueOnError = given.Get("continueOnError").ToBoolean();
  spec.gated = given.Get("gated").ToBoolean();
  readOptional(given, spec);
  return spec;
}

std::vector<driver::IoCommand> ioCommands(const Napi::Object& given) {
  const std::size_t count = integer32(given.Get("count"), "count");
  const auto due = columnOf<std::uint64_t>(given, "dueNs", count);
  const auto slba = columnOf<std::uint64_t>(given, "slba", count);
  const auto blocks = columnOf<std::uint32_t>(given, "blocks", count);
  const auto ops = columnOf<std::uint8_t>(given, "ops", count);
  const bool hasFua = !given.Get("fua").IsUndefined();
  const auto fua =
      hasFua ? columnOf<std::uint8_t>(given, "fua", count) : std::span<const std::uint8_t>();
  std::vector<driver::IoCommand> commands;
  commands.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    commands.push_back({.slba = slba[i],
                        .dueNs = due[i],
                        .blocks = blocks[i],
                        .op = ops[i],
                        .fua = hasFua && fua[i] != 0});
  return commands;
}

}  // namespace doorbell::binding
