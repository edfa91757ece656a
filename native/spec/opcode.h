#pragma once

#include <cstdint>

namespace doorbell::spec {

/// Admin opcodes (NVMe Base 2.0, Figure "Opcodes for Admin Commands").
enum class AdminOpcode : std::uint8_t {
  DeleteIoSq = 0x00,
  CreateIoSq = 0x01,
  GetLogPage = 0x02,
  DeleteIoCq = 0x04,
  CreateIoCq = 0x05,
  Identify = 0x06,
  Abort = 0x08,
  SetFeatures = 0x09,
  GetFeatures = 0x0a,
  AsynchronousEventRequest = 0x0c,
  NamespaceManagement = 0x0d,
  FirmwareCommit = 0x10,
  FirmwareImageDownload = 0x11,
  DeviceSelfTest = 0x14,
  NamespaceAttachment = 0x15,
  KeepAlive = 0x18,
  DirectiveSend = 0x19,
  DirectiveReceive = 0x1a,
  VirtualizationManagement = 0x1c,
  NvmeMiSend = 0x1d,
  NvmeMiReceive = 0x1e,
  CapacityManagement = 0x20,
  Lockdown = 0x24,
  DoorbellBufferConfig = 0x7c,
  FormatNvm = 0x80,
  SecuritySend = 0x81,
  SecurityReceive = 0x82,
  Sanitize = 0x84,
  GetLbaStatus = 0x86,
};

/// NVM Command Set opcodes (NVM Command Set 1.0, Figure "Opcodes for NVM Commands").
enum class NvmOpcode : std::uint8_t {
  Flush = 0x00,
  Write = 0x01,
  Read = 0x02,
  WriteUncorrectable = 0x04,
  Compare = 0x05,
  WriteZeroes = 0x08,
  DatasetManagement = 0x09,
  Verify = 0x0c,
  ReservationRegister = 0x0d,
  ReservationReport = 0x0e,
  ReservationAcquire = 0x11,
  ReservationRelease = 0x15,
  Copy = 0x19,
};

}  // namespace doorbell::spec
