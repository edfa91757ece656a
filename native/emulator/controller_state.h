#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "emulator/admin/host_memory.h"
#include "emulator/admin/power_states.h"
#include "emulator/admin/thermal.h"
#include "emulator/async_events.h"
#include "emulator/doorbell_page.h"
#include "emulator/error_mail.h"
#include "emulator/faults/fault_plan.h"
#include "emulator/features.h"
#include "emulator/gate.h"
#include "emulator/interrupts.h"
#include "emulator/iova_table.h"
#include "emulator/logs/error_log.h"
#include "emulator/logs/persistent_event_log.h"
#include "emulator/nvm_subsystem.h"
#include "emulator/queues.h"
#include "emulator/registers.h"
#include "emulator/shard.h"
#include "emulator/timestamp.h"
#include "emulator/timing_model.h"
#include "spec/identify.h"

namespace doorbell::emulator {

class Controller;

/// Why a device vanished by itself, at a point of a test's choice.
enum class SelfLoss : std::uint32_t { None, PowerLost, Removed, Closed };
inline constexpr std::uint32_t kSelfLossReason = 3;  ///< bits of ControllerState::selfLoss

/// What the shards share. What commands read here changes between commands only.
struct ControllerState {
  ControllerState(NvmSubsystem& nvm, Registers& regs, DoorbellPage& bells, IovaTable& bus,
                  Interrupts& irqs, FaultPlan& plan) noexcept
      : subsystem(nvm),
        registers(regs),
        doorbells(bells),
        dma(bus),
        interrupts(irqs),
        faults(plan),
        shardCount(nvm.options().threads),
        gate(shardCount) {
    queues.setShards(shardCount);
  }

  /// Does the controller process commands for this namespace? Only with CC.CSS = 110b when it uses
  /// another command set than the NVM Command Set.
  [[nodiscard]] bool enabled(const Namespace& ns) const noexcept {
    return ns.csi() == spec::kNvmCommandSet || allCommandSets;
  }
  /// The namespace, when it is attached and its command set is enabled; else null.
  [[nodiscard]] Namespace* active(std::uint32_t nsid) const noexcept {
    Namespace* const one = subsystem.namespaces().active(nsid);
    return one != nullptr && enabled(*one) ? one : nullptr;
  }

  NvmSubsystem& subsystem;
  Registers& registers;
  DoorbellPage& doorbells;
  IovaTable& dma;
  Interrupts& interrupts;
  FaultPlan& faults;
  TimingModel* timing = nullptr;  ///< null: commands take no time of their own
  Queues queues;
  AsyncEvents events;
  ErrorLog errors;
  Features features{subsystem};
  Timestamp timestamp;
  Thermal thermal{features.record().thermal};
  PowerStates power;
  PersistentEventLog eventLog{subsystem.section<PersistentEventStore, Section::EventLog>()};
  HostMemory hostMemory{dma};
  std::uint32_t changedNamespaces = 0;  ///< Changed Namespace List: one bit an NSID
  std::uint32_t pageBytes = 4096;       ///< CC.MPS
  bool allCommandSets = false;          ///< CC.CSS = 110b
  bool weighted = false;                ///< CC.AMS = 001b
  std::uint8_t reportedWarnings = 0;    ///< critical warnings an event was raised for
  std::uint8_t recordedWarnings = 0;    ///< and those of the Persistent Event Log

  Controller* controller = nullptr;
  std::array<Shard*, kMaxShards> shards{};
  const unsigned shardCount;
  Gate gate;
  ErrorMail mail;
  /// Counts what ends commands under way: resets, deleted submission queues.
  std::uint32_t generation = 0;
  std::atomic<bool> running{false};  ///< commands are taken
  std::atomic<std::uint32_t> selfLoss{0};

  /// The device vanishes here and now: no command goes on, none completes. Who waits for
  /// `selfLoss` does the rest.
  void vanish(SelfLoss reason) noexcept {
    running.store(false);
    // The upper bits count: two losses in a row are two values.
    selfLoss.store((selfLoss.load() | kSelfLossReason) + 1 + static_cast<std::uint32_t>(reason));
    selfLoss.notify_all();
  }
};

}  // namespace doorbell::emulator
