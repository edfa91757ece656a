#include "emulator/identity.h"

#include <algorithm>
#include <string_view>

#include "emulator/admin/host_memory.h"
#include "emulator/admin/power_table.h"
#include "emulator/admin/thermal.h"
#include "emulator/config_layout.h"
#include "emulator/host_buffer.h"
#include "emulator/limits.h"
#include "emulator/logs/persistent_event_log.h"
#include "emulator/nvm/limits.h"
#include "spec/feature.h"
#include "spec/reservation.h"

namespace doorbell::emulator {

namespace {

constexpr std::uint8_t kFormatProgress = 0x80;  ///< the indicator is supported

/// ASCII, padded with spaces.
template <std::size_t N>
void putText(std::array<char, N>& field, std::string_view text) {
  field.fill(' ');
  std::copy_n(text.begin(), std::min(N, text.size()), field.begin());
}

std::string nqnOf(const std::array<std::uint8_t, 16>& uuid) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "nqn.2014-08.org.nvmexpress:uuid:";
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[uuid[i] >> 4U];
    text += kDigits[uuid[i] & 0xfU];
  }
  return text;
}

void putPowerStates(spec::IdentifyController& id) {
  id.npss = kPowerStates - 1;
  for (std::uint8_t i = 0; i < kPowerStates; ++i) {
    const PowerState& state = kPowerTable[i];
    id.psd[i].maximumPower = state.maximumCentiwatts;
    id.psd[i].flags = state.operational ? 0 : spec::PowerStateDescriptor::kNonOperational;
    id.psd[i].entryLatencyUs = state.entryMicroseconds;
    id.psd[i].exitLatencyUs = state.exitMicroseconds;
    id.psd[i].relativeReadThroughput = i;
    id.psd[i].relativeReadLatency = i;
    id.psd[i].relativeWriteThroughput = i;
    id.psd[i].relativeWriteLatency = i;
  }
}

void putCapabilities(spec::IdentifyController& id) {
  id.acl = kAbortLimit - 1;
  id.aerl = kAsyncEventLimit - 1;
  id.nvmsr = 0x01;  // part of an NVMe Storage Device
  id.vwci = 0xff;   // the Vital Product Data takes more updates than can be told
  // Security, Format NVM, Firmware, Namespace Management, Device Self-test, Directives, NVMe-MI
  id.oacs = 0x7f;
  id.frmw = FirmwareStore::kFrmw;
  id.fwug = kFirmwareGranule / 4096;
  id.mtfa = CommitOperation::kMaxActivation;
  id.edstt = SelfTestMachine::kExtendedMinutes;
  id.dsto = SelfTestMachine::kOptions;
  id.sanicap = SanitizeMachine::kCapabilities;
  id.fna = 0x04;  // Format NVM is for the namespaces named; Cryptographic Erase
  // Effects log, extended data, telemetry, persistent event log, supported log pages and features.
  id.lpa = 0x3e;
  id.pels = PersistentEventLog::kUnits;
  id.oaes = spec::EventConfiguration::kNamespaceAttribute |
            spec::EventConfiguration::kFirmwareActivation |
            spec::EventConfiguration::kZoneDescriptorChanged;
  id.elpe = kErrorLogEntries - 1;
  id.wctemp = kWarningTemperatureKelvin;
  id.cctemp = kCriticalTemperatureKelvin;
  id.hmpre = HostMemory::kPreferred;
  id.hmmin = HostMemory::kMinimum;
  id.hmmaxd = HostMemory::kMaxEntries;
  id.hctma = 1;
  id.mntmt = Thermal::kLowestLimit;
  id.mxtmt = Thermal::kHighestLimit;
  // 128-bit Host Identifier, Non-Operational Power State Permissive Mode, Read Recovery Levels.
  id.ctratt = 0x0b;
  id.rrls = kReadRecoveryLevels;
  id.nwpc = 0x07;  // write protection: until changed, until power cycle, permanent
  id.apsta = 1;
  id.sqes = 0x66;
  id.cqes = 0x44;
  id.nn = kMaxNamespaces;
  // Compare, Write Uncorrectable, Dataset Management, Write Zeroes, Save and Select, Reservations,
  // Timestamp, Verify, Copy.
  id.oncs = 0x1ff;
  id.fuses = 0x01;  // Compare and Write
  id.ocfs = 0x01;   // Copy Descriptor Format 0h
  id.vwc = 0x07;    // present; Flush takes the broadcast NSID
  using Sgl = spec::SglSupport;
  id.sgls = Sgl::kAnyAlignment | Sgl::kBitBucket | Sgl::kContiguousMetadata | Sgl::kLongerThanData |
            Sgl::kSglMetadata;
  id.mnan = 0;
}

}  // namespace

spec::IdentifyController identifyController(const NvmSubsystem& subsystem) noexcept {
  spec::IdentifyController id;
  id.vid = layout::kVendor;
  id.ssvid = layout::kVendor;
  putText(id.sn, subsystem.serial());
  putText(id.mn, "Doorbell Emulated SSD");
  id.fr = subsystem.admin().firmware.revision();
  id.ieee = kOui;
  id.mdts = HostBuffer::kMdts;
  id.cntlid = kControllerId;
  id.ver = 0x00020000;
  id.cntrltype = 1;  // I/O controller
  id.tnvmcap.low = subsystem.capacity();
  id.unvmcap.low = subsystem.unallocated();
  const std::string nqn = nqnOf(subsystem.uuid());
  std::copy(nqn.begin(), nqn.end(), id.subnqn.begin());
  putCapabilities(id);
  putPowerStates(id);
  return id;
}

/// What all namespaces have in common.
spec::IdentifyNamespace identifyAnyNamespace() noexcept {
  spec::IdentifyNamespace id;
  id.nlbaf = kLbaFormats.size() - 1;
  id.mc = 0x03;   // metadata with the data, and apart
  id.dpc = 0x1f;  // types 1 to 3, in the first or the last bytes
  id.fpi = kFormatProgress;
  id.dlfeat = 0x09;  // deallocated blocks read zeros; Write Zeroes can deallocate
  id.rescap = spec::kReservationCapabilities;
  for (std::size_t i = 0; i < kLbaFormats.size(); ++i) {
    id.lbaf[i] = {.metadataSize = kLbaFormats[i].metadataBytes,
                  .dataSizeShift = kLbaFormats[i].dataShift};
  }
  return id;
}

spec::IdentifyControllerNvm identifyControllerNvm() noexcept {
  spec::IdentifyControllerNvm id;
  id.vsl = id.wzsl = id.wusl = nvm_limits::kRangeSize;
  id.dmrl = nvm_limits::kDsmRanges;
  id.dmrsl = nvm_limits::kDsmRangeBlocks;
  id.dmsl = nvm_limits::kDsmBlocks;
  return id;
}

namespace {

/// NSATTR: whether it is write protected now.
std::uint8_t attributesOf(const Namespace& ns) { return ns.writeProtection() != 0 ? 1 : 0; }

}  // namespace

spec::IdentifyNamespace identifyNamespace(const Namespace& ns) noexcept {
  spec::IdentifyNamespace id = identifyAnyNamespace();
  const BlockFormat& format = ns.format();
  id.nsze = ns.blocks();
  id.ncap = ns.capacity();
  id.nuse = id.ncap;
  id.flbas = static_cast<std::uint8_t>(format.index | (format.extended << 4U));
  id.dps = static_cast<std::uint8_t>(format.piType | (format.piFirst << 3U));
  id.nmic = ns.record().shared;
  id.nsattr = attributesOf(ns);
  nvm_limits::describe(format, id);
  id.nvmcap.low = ns.bytes();
  id.nguid = ns.record().nguid;
  return id;
}

spec::IndependentIdentifyNamespace independentNamespace(const Namespace& ns) noexcept {
  spec::IndependentIdentifyNamespace id;
  id.nmic = ns.record().shared;
  id.nsattr = attributesOf(ns);
  id.fpi = kFormatProgress;
  id.nstat = 1;
  id.rescap = spec::kReservationCapabilities;
  return id;
}

}  // namespace doorbell::emulator
