#include "emulator/logs/telemetry.h"

#include <algorithm>
#include <cstring>

#include "emulator/identity.h"
#include "emulator/logs/event_log.h"
#include "emulator/logs/events.h"
#include "emulator/logs/log_pages.h"
#include "emulator/logs/log_request.h"

namespace doorbell::emulator {

namespace {

using spec::TelemetryHeader;

constexpr std::uint32_t kBlock = TelemetryHeader::kBlockBytes;

/// Data Area 1. Our own format, as of every drive.
struct Summary {
  std::uint32_t cc = 0;
  std::uint32_t csts = 0;
  std::uint64_t asq = 0;
  std::uint64_t acq = 0;
  std::uint64_t powerCycles = 0;
  std::uint64_t errorCount = 0;
  std::uint32_t persistentEvents = 0;
  std::uint16_t kelvin = 0;
  std::uint16_t queues = 0;
  std::array<std::uint32_t, Features::kSlots> features{};
};
static_assert(sizeof(Summary) <= kBlock);

struct QueueSummary {
  std::uint16_t sqSize = 0;
  std::uint16_t sqHead = 0;
  std::uint16_t sqTail = 0;
  std::uint16_t cqSize = 0;
  std::uint16_t cqHead = 0;
  std::uint16_t cqTail = 0;
};
static_assert(kQueues * sizeof(QueueSummary) <= 3 * kBlock);

Summary summaryOf(ControllerState& state) {
  Summary summary;
  summary.cc = state.registers.cc().raw;
  summary.csts = state.registers.csts();
  summary.asq = state.registers.adminSq();
  summary.acq = state.registers.adminCq();
  summary.powerCycles = state.subsystem.counters().powerCycles;
  summary.errorCount = state.subsystem.counters().errorCount;
  summary.persistentEvents = state.eventLog.events();
  summary.kelvin = state.thermal.composite();
  summary.queues = kQueues;
  for (std::size_t i = 0; i < summary.features.size(); ++i) {
    summary.features[i] = state.features.current(static_cast<Features::Slot>(i));
  }
  return summary;
}

void put(TelemetryCapture& capture, std::size_t block, const void* data, std::size_t bytes) {
  std::memcpy(capture.data.data() + (block - 1) * kBlock, data, bytes);
}

void putQueues(ControllerState& state, TelemetryCapture& capture, std::size_t block) {
  std::array<QueueSummary, kQueues> queues{};
  for (std::uint32_t qid = 0; qid < kQueues; ++qid) {
    const SubmissionQueue& sq = state.queues.sq(qid);
    const CompletionQueue& cq = state.queues.cq(qid);
    const auto narrow = [](std::uint32_t value) { return static_cast<std::uint16_t>(value); };
    queues[qid] = {narrow(sq.size), narrow(sq.head), narrow(sq.tail),
                   narrow(cq.size), narrow(cq.head), narrow(cq.tail)};
  }
  put(capture, block, queues.data(), sizeof(queues));
}

void fill(ControllerState& state, TelemetryCapture& capture, std::string_view reason) {
  capture.valid = 1;
  ++capture.generation;
  capture.reason = {};
  std::copy_n(reason.begin(), std::min(reason.size(), capture.reason.size()),
              capture.reason.begin());
  capture.data = {};
  const Summary summary = summaryOf(state);
  put(capture, 1, &summary, sizeof(summary));
  const auto errors = state.errors.newestFirst();
  put(capture, TelemetryCapture::kLastBlock[0] + 1U, errors.data(), sizeof(errors));
  const spec::SmartLog smart = smartLog(state);
  put(capture, TelemetryCapture::kLastBlock[1] + 1U, &smart, sizeof(smart));
  putQueues(state, capture, TelemetryCapture::kLastBlock[1] + 2U);
}

TelemetryStore& storeOf(ControllerState& state) {
  return state.subsystem.section<TelemetryStore, Section::Telemetry>();
}

TelemetryHeader headerOf(const TelemetryStore& store, const TelemetryCapture& capture,
                         spec::LogPageId page) {
  TelemetryHeader header;
  header.logPage = static_cast<std::uint8_t>(page);
  header.ieee = kOui;
  if (capture.valid != 0) header.lastBlock = TelemetryCapture::kLastBlock;
  if (page == spec::LogPageId::TelemetryHostInitiated) {
    header.hostScope = spec::kTelemetryScopeController;
    header.hostGeneration = capture.generation;
  } else {
    header.hostGeneration = spec::kTelemetryScopeController;
  }
  header.controllerDataAvailable = store.controllerDataAvailable;
  header.controllerGeneration = store.controller.generation;
  header.reason = capture.reason;
  return header;
}

/// Offset and length are multiples of the block.
Outcome sendTelemetry(Command& command, const LogRequest& request,
                      const TelemetryCapture& capture) {
  if (request.offset % kBlock != 0) return refused(spec::status::kInvalidField, at::kCdw12);
  if (request.bytes % kBlock != 0) return refused(spec::status::kInvalidField, at::kCdw10 + 2);
  struct Page {
    TelemetryHeader header;
    std::array<std::byte, TelemetryCapture::kDataBytes> data;
  };
  const Page page{headerOf(storeOf(command.state), capture, request.id), capture.data};
  const std::size_t bytes = capture.valid != 0 ? sizeof(page) : sizeof(page.header);
  return sendLogBytes(command, request, std::as_bytes(std::span(&page, 1)).first(bytes));
}

}  // namespace

void captureControllerTelemetry(ControllerState& state, std::string_view reason) noexcept {
  TelemetryStore& store = storeOf(state);
  fill(state, store.controller, reason);
  const bool news = store.controllerDataAvailable == 0;
  store.controllerDataAvailable = 1;
  recordEvent(state, spec::PersistentEventType::TelemetryLogCreated,
              headerOf(store, store.controller, spec::LogPageId::TelemetryControllerInitiated));
  if (!news) return;
  reportNotice(state, spec::NoticeEvent::TelemetryLogChanged,
               spec::LogPageId::TelemetryControllerInitiated);
}

Outcome log::hostTelemetry(Command& command, const LogRequest& request) noexcept {
  constexpr std::uint8_t kCreate = 1;
  TelemetryStore& store = storeOf(command.state);
  if (request.offset % kBlock == 0 && request.bytes % kBlock == 0 &&
      (request.parameter & kCreate) != 0) {
    fill(command.state, store.host, "requested by the host");
    recordEvent(command.state, spec::PersistentEventType::TelemetryLogCreated,
                headerOf(store, store.host, request.id));
  }
  return sendTelemetry(command, request, store.host);
}

Outcome log::controllerTelemetry(Command& command, const LogRequest& request) noexcept {
  TelemetryStore& store = storeOf(command.state);
  const Outcome outcome = sendTelemetry(command, request, store.controller);
  if (outcome.status.ok() && !request.retain) store.controllerDataAvailable = 0;
  return outcome;
}

}  // namespace doorbell::emulator
