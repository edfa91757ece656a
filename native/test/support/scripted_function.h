#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "platform/pci_function.h"
#include "spec/queue_entry.h"
#include "spec/registers.h"

namespace doorbell::test {

/// A bus address space that knows what is mapped.
class ScriptedDomain final : public platform::DmaDomain {
 public:
  std::uint64_t map(std::shared_ptr<platform::HostMemory> memory) override;
  void unmap(std::uint64_t busAddress) noexcept override;
  /// Null when the range is not mapped.
  [[nodiscard]] std::byte* at(std::uint64_t busAddress, std::size_t length);
  [[nodiscard]] std::size_t mappings();

 private:
  std::mutex mutex_;
  std::uint64_t next_ = 0x10000000;
  std::map<std::uint64_t, std::shared_ptr<platform::HostMemory>> mapped_;
};

/// A controller that does exactly what a test says, wrong things included. It answers the admin
/// commands of the initialisation by itself; every other command goes to `onCommand`.
class ScriptedFunction final : public platform::PciFunction, public platform::PowerSwitch {
 public:
  /// What to post for a command: its status (0 = success), or nothing (it stays outstanding until
  /// post()).
  using OnCommand =
      std::function<std::optional<std::uint16_t>(std::uint16_t qid, const spec::Sqe&)>;

  ScriptedFunction();
  ~ScriptedFunction() override;

  // The script.
  void onCommand(OnCommand handler);
  /// Posts a completion as given; phase tag, SQ head and SQ identifier are right unless `raw`.
  void post(std::uint16_t qid, spec::Cqe cqe, bool raw = false);
  void complete(std::uint16_t qid, std::uint16_t cid, std::uint16_t status = 0);
  /// The same, but forgets to toggle the phase tag.
  void completeUntoggled(std::uint16_t qid, std::uint16_t cid);
  void lose(platform::LossReason reason);
  std::atomic<bool> neverReady{false};
  std::atomic<bool> hangAdmin{false};
  std::atomic<std::uint16_t> identifyStatus{0};
  /// MQES 255, CQR, TO, NSSRS, CSS NVM.
  std::atomic<std::uint64_t> cap{255 | (1ULL << 16U) | (1ULL << 24U) | (1ULL << 36U) |
                                 (1ULL << 37U)};
  /// Identify, CNS 1Ch: combinations of I/O command sets.
  std::vector<std::uint64_t> commandSets{1};
  [[nodiscard]] std::vector<spec::Sqe> seen(std::uint16_t qid);
  [[nodiscard]] bool busMaster() { return (configRead(4, 2) & 4U) != 0; }
  [[nodiscard]] ScriptedDomain& domain() noexcept { return *domain_; }

  // PciFunction
  [[nodiscard]] const std::string& address() const noexcept override { return address_; }
  std::uint32_t configRead(std::uint32_t offset, unsigned width) override;
  void configWrite(std::uint32_t offset, unsigned width, std::uint32_t value) override;
  [[nodiscard]] std::uint64_t barSize() const noexcept override { return 16384; }
  std::uint32_t read32(std::uint64_t offset) override;
  std::uint64_t read64(std::uint64_t offset) override;
  void write32(std::uint64_t offset, std::uint32_t value) override;
  void write64(std::uint64_t offset, std::uint64_t value) override;
  [[nodiscard]] platform::DoorbellWindow doorbells() noexcept override {
    return {doorbells_.data(), nullptr};
  }
  void wake(std::uint16_t) noexcept override {}
  [[nodiscard]] std::shared_ptr<platform::DmaDomain> dma() override { return domain_; }
  [[nodiscard]] unsigned interruptVectors() const noexcept override { return kVectors; }
  void enableInterrupts(unsigned count) override;
  [[nodiscard]] int interruptFd(unsigned vector) const override { return vectors_.at(vector).fd; }
  void maskInterrupt(unsigned vector, bool masked) noexcept override;
  void reset(platform::ResetKind kind) override;
  [[nodiscard]] platform::PowerSwitch* power() noexcept override { return this; }
  void onLoss(std::function<void(platform::LossReason)> handler) override;
  // PowerSwitch
  void off() override { lose(platform::LossReason::PowerLost); }
  void on() override;
  [[nodiscard]] bool isOn() const noexcept override { return on_; }

 private:
  static constexpr unsigned kVectors = 8;
  static constexpr unsigned kQueues = 16;
  struct Vector {
    int fd = -1;
    bool masked = true;
    bool pending = false;
  };
  struct Queue {
    std::uint64_t sqBus = 0;
    std::uint64_t cqBus = 0;
    std::uint32_t sqDepth = 0;
    std::uint32_t cqDepth = 0;
    std::uint32_t sqHead = 0;
    std::uint32_t cqTail = 0;
    bool phase = true;
    std::optional<unsigned> vector{};
    bool sqScattered = false;  ///< PC = 0: the bus address is of a PRP list
    bool cqScattered = false;
  };

  void run(const std::stop_token& stop);
  bool fetch(std::uint16_t qid);
  void handle(std::uint16_t qid, const spec::Sqe& sqe);
  std::optional<std::uint16_t> admin(const spec::Sqe& sqe, std::uint32_t& dw0);
  std::uint16_t identify(const spec::Sqe& sqe);
  void postLocked(std::uint16_t qid, spec::Cqe cqe, bool raw);
  void raise(Vector& vector) noexcept;
  void stopController();
  /// Host memory of an entry; null where nothing is mapped.
  [[nodiscard]] std::byte* entryAt(std::uint64_t bus, bool scattered, std::size_t offset,
                                   std::size_t size);
  /// A doorbell by its number: 2 * qid, or one more for the completion queue's.
  [[nodiscard]] std::uint32_t& doorbell(std::size_t number) {
    return doorbells_.at(number << ((cap >> 32U) & 0xfU));
  }

  const std::string address_ = "scripted";
  std::shared_ptr<ScriptedDomain> domain_ = std::make_shared<ScriptedDomain>();
  std::recursive_mutex mutex_;
  std::map<std::uint64_t, std::uint32_t> registers_;
  std::uint32_t command_ = 0;
  bool on_ = true;
  bool removed_ = false;
  std::array<std::uint32_t, 2048> doorbells_{};
  std::array<Queue, kQueues> queues_{};
  std::array<Vector, kVectors> vectors_{};
  std::map<std::uint16_t, std::vector<spec::Sqe>> seen_;
  OnCommand onCommand_;
  std::function<void(platform::LossReason)> onLoss_;
  std::jthread thread_;
};

}  // namespace doorbell::test
