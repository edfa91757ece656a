#pragma once

#include "emulator/features.h"
#include "emulator/nvm_subsystem.h"
#include "spec/log_page.h"

namespace doorbell::emulator {

[[nodiscard]] spec::SupportedLogPagesLog supportedLogPages() noexcept;
[[nodiscard]] spec::SmartLog smartLog(NvmSubsystem& subsystem, const Features& features) noexcept;
[[nodiscard]] spec::FirmwareSlotLog firmwareSlotLog() noexcept;
[[nodiscard]] spec::CommandEffectsLog commandEffectsLog() noexcept;
[[nodiscard]] spec::FeaturesSupportedLog featuresSupportedLog() noexcept;

}  // namespace doorbell::emulator
