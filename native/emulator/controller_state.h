#pragma once

#include <cstdint>

#include "emulator/async_events.h"
#include "emulator/doorbell_page.h"
#include "emulator/error_log.h"
#include "emulator/features.h"
#include "emulator/host_buffer.h"
#include "emulator/interrupts.h"
#include "emulator/iova_table.h"
#include "emulator/nvm_subsystem.h"
#include "emulator/outcome.h"
#include "emulator/queues.h"
#include "emulator/registers.h"
#include "emulator/timestamp.h"

namespace doorbell::emulator {

/// What commands work on. Device thread only.
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
  HostBuffer buffer{dma};
  std::uint32_t pageBytes = 4096;     ///< CC.MPS
  std::uint8_t reportedWarnings = 0;  ///< critical warnings an event was raised for
};

/// Puts `bytes` into the memory the command's data pointer describes.
inline Outcome sendToHost(ControllerState& state, const spec::Sqe& sqe, const void* from,
                          std::size_t bytes) noexcept {
  const auto resolved = state.buffer.resolve(sqe, bytes, state.pageBytes);
  if (resolved.ok()) state.buffer.write(static_cast<const std::byte*>(from), bytes);
  return transferred(resolved);
}

}  // namespace doorbell::emulator
