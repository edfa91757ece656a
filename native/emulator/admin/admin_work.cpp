#include "emulator/admin/admin_work.h"

#include "emulator/nvm_subsystem.h"

namespace doorbell::emulator {

AdminWork::AdminWork(NvmSubsystem& subsystem)
    : firmware(subsystem.section<FirmwareRecord, Section::Firmware>()),
      format(subsystem),
      commit(subsystem),
      sanitize(subsystem),
      selfTest(subsystem),
      management(subsystem.section<VpdRecord, Section::Admin>()) {
  Background& background = subsystem.background();
  background.add(format);
  background.add(commit);
  background.add(sanitize);
  background.add(selfTest);
}

void AdminWork::controllerReset(FirmwareStore::Reset kind) noexcept {
  directives.reset();
  const bool waited = firmware.pending();
  const bool loaded = firmware.reset(kind);
  if (!waited || firmware.pending()) return;
  if (loaded) management.note(spec::HealthFlags::kFirmwareActivated);
  report_.activation = loaded ? FirmwareChange::Activated : FirmwareChange::Failed;
}

}  // namespace doorbell::emulator
