#pragma once

#include <cstdint>

#include "emulator/async_events.h"
#include "emulator/doorbell_page.h"
#include "emulator/features.h"
#include "emulator/interrupts.h"
#include "emulator/iova_table.h"
#include "emulator/logs/error_log.h"
#include "emulator/nvm_subsystem.h"
#include "emulator/queues.h"
#include "emulator/registers.h"
#include "emulator/timestamp.h"

namespace doorbell::emulator {

/// What the shards share. What commands read here changes between commands only.
struct ControllerState {
  ControllerState(NvmSubsystem& nvm, Registers& regs, DoorbellPage& bells, IovaTable& bus,
                  Interrupts& irqs) noexcept
      : subsystem(nvm), registers(regs), doorbells(bells), dma(bus), interrupts(irqs) {}

  NvmSubsystem& subsystem;
  Registers& registers;
  DoorbellPage& doorbells;
  IovaTable& dma;
  Interrupts& interrupts;
  Queues queues;
  AsyncEvents events;
  ErrorLog errors;
  Features features{subsystem};
  Timestamp timestamp;
  std::uint32_t pageBytes = 4096;     ///< CC.MPS
  std::uint8_t reportedWarnings = 0;  ///< critical warnings an event was raised for
};

}  // namespace doorbell::emulator
