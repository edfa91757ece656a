#include "emulator/async_events.h"

#include <algorithm>

namespace doorbell::emulator {

namespace {

constexpr std::uint32_t bitOf(spec::AsyncEventType type) {
  return 1U << static_cast<std::uint32_t>(type);
}

}  // namespace

bool AsyncEvents::request(std::uint16_t cid) noexcept {
  if (requested_ + aborted_ == kAsyncEventLimit) return false;
  requests_[requested_++] = cid;
  return true;
}

bool AsyncEvents::outstanding(std::uint16_t cid) const noexcept {
  const auto* end = requests_.data() + requested_;
  return std::find(requests_.data(), end, cid) != end;
}

std::uint16_t AsyncEvents::takeRequest(std::uint32_t index) noexcept {
  const std::uint16_t cid = requests_[index];
  std::copy(requests_.data() + index + 1, requests_.data() + requested_, requests_.data() + index);
  --requested_;
  return cid;
}

bool AsyncEvents::abort(std::uint16_t cid) noexcept {
  for (std::uint32_t i = 0; i < requested_; ++i) {
    if (requests_[i] != cid) continue;
    abortedCids_[aborted_++] = takeRequest(i);
    return true;
  }
  return false;
}

void AsyncEvents::raise(spec::AsyncEventType type, std::uint8_t information, spec::LogPageId page,
                        std::uint32_t parameter) noexcept {
  for (std::uint32_t i = 0; i < raised_; ++i) {
    const Event& event = events_[i];
    if (event.type == type && event.information == information && event.parameter == parameter) {
      return;
    }
  }
  if (raised_ < events_.size()) events_[raised_++] = {type, information, page, parameter};
}

void AsyncEvents::acknowledge(spec::LogPageId page) noexcept {
  for (std::uint32_t type = 0; type < maskedBy_.size(); ++type) {
    if (maskedBy_[type] == page) masked_ &= ~(1U << type);
  }
  auto* const end = std::remove_if(events_.data(), events_.data() + raised_,
                                   [page](const Event& event) { return event.page == page; });
  raised_ = static_cast<std::uint32_t>(end - events_.data());
}

const AsyncEvents::Event* AsyncEvents::reportable() const noexcept {
  if (requested_ == 0) return nullptr;
  for (std::uint32_t i = 0; i < raised_; ++i) {
    if ((masked_ & bitOf(events_[i].type)) == 0) return &events_[i];
  }
  return nullptr;
}

std::optional<AsyncEvents::Answer> AsyncEvents::next() noexcept {
  if (aborted_ != 0) {
    return Answer{abortedCids_[--aborted_], spec::status::kAbortRequested, 0};
  }
  const Event* event = reportable();
  if (event == nullptr) return std::nullopt;
  const std::uint32_t dw0 = static_cast<std::uint32_t>(event->type) |
                            (std::uint32_t{event->information} << 8U) |
                            (static_cast<std::uint32_t>(event->page) << 16U);
  const std::uint32_t dw1 = event->parameter;
  masked_ |= bitOf(event->type);
  maskedBy_[static_cast<std::size_t>(event->type)] = event->page;
  std::copy(event + 1, static_cast<const Event*>(events_.data()) + raised_,
            events_.data() + (event - events_.data()));
  --raised_;
  return Answer{takeRequest(0), spec::status::kSuccess, dw0, dw1};
}

}  // namespace doorbell::emulator
