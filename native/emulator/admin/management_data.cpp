// Read NVMe-MI Data Structure.
#include "emulator/admin/management_response.h"
#include "emulator/config_layout.h"

namespace doorbell::emulator {

using namespace mi;

namespace {

using Opcode = spec::ManagementOpcode;
using Status = spec::ManagementStatus;

/// Response Data, and the Response Data Length of Read NVMe-MI Data Structure.
template <class Data>
Outcome sendStructure(Command& command, const Data& data, std::size_t bytes = sizeof(Data)) {
  const Outcome sent = sendToHost(command, &data, bytes);
  return sent.status.ok() ? respond(Status::Success, static_cast<std::uint32_t>(bytes)) : sent;
}

Outcome sendPort(Command& command) {
  if (((command.sqe.cdw12 >> 16U) & 0xffU) != 0) return invalidParameter(kDword0Byte + 2);
  spec::ManagementPort port;
  port.maxPayload = layout::kMaxPayload;
  port.supportedSpeeds = layout::kLinkSpeeds;
  port.currentSpeed = layout::kLinkSpeed;
  port.maxWidth = port.width = layout::kLanes;
  return sendStructure(command, port);
}

/// Controllers from CTRLID on: there is one.
Outcome sendControllerList(Command& command) {
  const bool listed = (command.sqe.cdw12 & 0xffffU) <= kControllerId;
  const std::array<std::uint16_t, 2> list{static_cast<std::uint16_t>(listed ? 1 : 0),
                                          kControllerId};
  return sendStructure(command, list, listed ? sizeof(list) : sizeof(list[0]));
}

/// The emulated function has captured no bus number that it could tell.
Outcome sendController(Command& command) {
  spec::ManagementController controller;
  controller.vendor = controller.subsystemVendor = layout::kVendor;
  controller.device = controller.subsystemDevice = layout::kDevice;
  return sendStructure(command, controller);
}

/// What an NVMe Storage Device need not support in-band.
Outcome sendOptionalCommands(Command& command) {
  struct Entry {
    std::uint8_t type = 1U << 3U;  ///< NMIMT: an NVMe-MI Command
    Opcode opcode;
  };
  struct {
    std::uint16_t count = 4;
    std::array<Entry, 4> entries{{{.opcode = Opcode::ReadDataStructure},
                                  {.opcode = Opcode::ConfigurationSet},
                                  {.opcode = Opcode::ConfigurationGet},
                                  {.opcode = Opcode::VpdWrite}}};
  } list;
  static_assert(sizeof(list) == 10);
  return sendStructure(command, list);
}

}  // namespace

Outcome mi::readDataStructure(Command& command) noexcept {
  using Type = spec::ManagementData;
  const auto type = static_cast<Type>(command.sqe.cdw12 >> 24U);
  const bool ofController = type == Type::ControllerInformation || type == Type::OptionalCommands;
  if (ofController && (command.sqe.cdw12 & 0xffffU) != kControllerId) {
    return invalidParameter(kDword0Byte);
  }
  switch (type) {
    case Type::SubsystemInformation:
      return sendStructure(command, spec::ManagementSubsystem{});
    case Type::PortInformation:
      return sendPort(command);
    case Type::ControllerList:
      return sendControllerList(command);
    case Type::ControllerInformation:
      return sendController(command);
    case Type::OptionalCommands:
      return sendOptionalCommands(command);
  }
  return invalidParameter(kDword0Byte + 3);
}

}  // namespace doorbell::emulator
