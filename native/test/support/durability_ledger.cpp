#include "test/support/durability_ledger.h"

#include <algorithm>

namespace doorbell::test {

std::uint32_t DurabilityLedger::write(std::uint32_t slba, std::uint32_t count) {
  writes_.push_back({slba, count});
  const auto token = static_cast<std::uint32_t>(firstToken_ + writes_.size() - 1);
  for (std::uint32_t i = 0; i < count; ++i) histories_[slba + i].push_back(token);
  return token;
}

void DurabilityLedger::makeDurable(History& history, std::size_t index) {
  history.erase(history.begin(), history.begin() + static_cast<std::ptrdiff_t>(index));
  if (history.front() >= firstToken_) at(history.front()).durable = true;
}

void DurabilityLedger::completed(std::uint32_t token, bool durable) {
  Write& write = at(token);
  write.completion = ++completions_;
  if (!durable) return;
  for (std::uint32_t i = 0; i < write.count; ++i) {
    History& history = histories_[write.slba + i];
    const auto place = std::find(history.begin(), history.end(), token);
    if (place != history.end()) {
      makeDurable(history, static_cast<std::size_t>(place - history.begin()));
    }
  }
}

void DurabilityLedger::flushed(std::uint64_t mark) {
  for (History& history : histories_) {
    for (std::size_t i = history.size(); i-- > 1;) {
      const Write& write = at(history[i]);
      if (write.completion == 0 || write.completion > mark) continue;
      makeDurable(history, i);
      break;
    }
    if (history.front() < firstToken_) continue;
    Write& oldest = at(history.front());
    if (oldest.completion != 0 && oldest.completion <= mark) oldest.durable = true;
  }
}

bool DurabilityLedger::atomic(const Write& write) const {
  if (write.count > atomicBlocks_) return false;
  return boundary_ == 0 || write.slba / boundary_ == (write.slba + write.count - 1) / boundary_;
}

std::string DurabilityLedger::checkBlock(std::uint32_t block, std::uint64_t found) {
  const History& history = histories_[block];
  const auto place = std::find(history.begin(), history.end(), found);
  if (place == history.end()) {
    const std::uint32_t base = history.front();
    const bool durable = base >= firstToken_ && at(base).durable;
    return "block " + std::to_string(block) + " holds " + std::to_string(found) +
           "; it must hold the " + (durable ? "durable write " : "content before the round ") +
           std::to_string(base) + " or one of " + std::to_string(history.size() - 1) +
           " later writes";
  }
  if (history.front() >= firstToken_ && at(history.front()).durable) ++seen_.durable;
  if (history.size() > 1) ++(*place == history.back() ? seen_.kept : seen_.lost);
  return "";
}

std::string DurabilityLedger::checkWrite(std::uint32_t token,
                                         const std::vector<std::uint64_t>& found) {
  const Write& write = at(token);
  bool old = false;
  bool fresh = false;
  for (std::uint32_t i = 0; i < write.count; ++i) {
    const History& history = histories_[write.slba + i];
    const auto mine = std::find(history.begin(), history.end(), token);
    if (mine == history.end()) continue;  // overwritten by a durable write
    const auto place = std::find(history.begin(), history.end(), found[write.slba + i]);
    old = old || place < mine;
    fresh = fresh || place == mine;
  }
  const bool isAtomic = atomic(write);
  if (write.count > 1 && isAtomic && !write.durable) ++seen_.atomic;
  if (!old || !fresh) return "";
  ++seen_.torn;
  if (!isAtomic) return "";
  return "the atomic write " + std::to_string(token) + " of " + std::to_string(write.count) +
         " blocks at " + std::to_string(write.slba) + " is there in part";
}

std::string DurabilityLedger::check(const std::vector<std::uint64_t>& found) {
  std::string wrong;
  for (std::uint32_t block = 0; block < histories_.size() && wrong.empty(); ++block) {
    wrong = checkBlock(block, found[block]);
  }
  for (std::uint32_t i = 0; i < writes_.size() && wrong.empty(); ++i) {
    wrong = checkWrite(firstToken_ + i, found);
  }
  firstToken_ += static_cast<std::uint32_t>(writes_.size());
  writes_.clear();
  for (std::uint32_t block = 0; block < histories_.size(); ++block) {
    histories_[block] = {static_cast<std::uint32_t>(found[block])};
  }
  return wrong;
}

}  // namespace doorbell::test
