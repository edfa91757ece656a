// Commands Supported and Effects, Feature Identifiers Supported and Effects, NVMe-MI Commands
// Supported and Effects. To add a command: a row in the table of its command set.
#include <array>

#include "emulator/admin/feature_table.h"
#include "emulator/logs/log_request.h"
#include "spec/management_interface.h"
#include "spec/opcode.h"

namespace doorbell::emulator {

namespace {

using spec::Effects;
using Admin = spec::AdminOpcode;
using Nvm = spec::NvmOpcode;
using Management = spec::ManagementOpcode;

constexpr std::uint32_t kController = Effects::kSupported | Effects::kScopeController;
constexpr std::uint32_t kNamespace = Effects::kSupported | Effects::kScopeNamespace;
constexpr std::uint32_t kSubsystem = Effects::kSupported | Effects::kScopeSubsystem;
constexpr std::uint32_t kWrites = kNamespace | Effects::kUserDataChange;

template <class Opcode>
struct Row {
  Opcode opcode;
  std::uint32_t effects;
};

constexpr std::array kAdminCommands{
    Row{Admin::DeleteIoSq, kController},
    Row{Admin::CreateIoSq, kController},
    Row{Admin::GetLogPage, kController},
    Row{Admin::DeleteIoCq, kController},
    Row{Admin::CreateIoCq, kController},
    Row{Admin::Identify, kController},
    Row{Admin::Abort, kController},
    Row{Admin::SetFeatures, kController},
    Row{Admin::GetFeatures, kController},
    Row{Admin::AsynchronousEventRequest, kController},
    Row{Admin::NamespaceManagement, kSubsystem | Effects::kNamespaceInventoryChange},
    Row{Admin::FirmwareCommit, kSubsystem | Effects::kControllerCapabilityChange},
    Row{Admin::FirmwareImageDownload, kController},
    Row{Admin::DeviceSelfTest, kController},
    Row{Admin::NamespaceAttachment, kController | Effects::kNamespaceInventoryChange},
    Row{Admin::DirectiveSend, kNamespace},
    Row{Admin::DirectiveReceive, kNamespace},
    Row{Admin::NvmeMiSend, kSubsystem},
    Row{Admin::NvmeMiReceive, kSubsystem},
    Row{Admin::FormatNvm,
        kWrites | Effects::kNamespaceCapabilityChange | Effects::kAloneInNamespace},
    Row{Admin::SecuritySend, kController},
    Row{Admin::SecurityReceive, kController},
    Row{Admin::Sanitize, kSubsystem | Effects::kUserDataChange | Effects::kAlone},
};

constexpr std::array kNvmCommands{
    Row{Nvm::Flush, kNamespace},
    Row{Nvm::Write, kWrites},
    Row{Nvm::Read, kNamespace},
    Row{Nvm::WriteUncorrectable, kWrites},
    Row{Nvm::Compare, kNamespace},
    Row{Nvm::WriteZeroes, kWrites},
    Row{Nvm::DatasetManagement, kWrites},
    Row{Nvm::Verify, kNamespace},
    Row{Nvm::Copy, kWrites},
    Row{Nvm::ReservationRegister, kNamespace},
    Row{Nvm::ReservationReport, kNamespace},
    Row{Nvm::ReservationAcquire, kNamespace},
    Row{Nvm::ReservationRelease, kNamespace},
};

constexpr std::array kManagementCommands{
    Row{Management::ReadDataStructure, kSubsystem},
    Row{Management::SubsystemHealthStatusPoll, kSubsystem},
    Row{Management::ControllerHealthStatusPoll, kSubsystem},
    Row{Management::ConfigurationSet, kSubsystem},
    Row{Management::ConfigurationGet, kSubsystem},
    Row{Management::VpdRead, kSubsystem},
    Row{Management::VpdWrite, kSubsystem},
};

template <class Rows>
void put(std::array<std::uint32_t, 256>& page, const Rows& rows) {
  for (const auto& [opcode, effects] : rows) page[static_cast<std::uint8_t>(opcode)] = effects;
}

std::uint32_t scopeOf(const FeatureRule& rule) {
  if (rule.perNamespace()) return kNamespace;
  const bool ofAll =
      rule.id == spec::FeatureId::SanitizeConfig || rule.id == spec::FeatureId::ReadRecoveryLevel;
  return ofAll ? kSubsystem : kController;
}

}  // namespace

Outcome log::commandEffects(Command& command, const LogRequest& request) noexcept {
  spec::CommandEffectsLog page;
  put(page.admin, kAdminCommands);
  put(page.io, kNvmCommands);
  return sendLog(command, request, page);
}

Outcome log::featureEffects(Command& command, const LogRequest& request) noexcept {
  spec::FeaturesSupportedLog page{};
  for (const FeatureRule& rule : featureRules()) {
    page[static_cast<std::uint8_t>(rule.id)] = scopeOf(rule);
  }
  return sendLog(command, request, page);
}

Outcome log::managementEffects(Command& command, const LogRequest& request) noexcept {
  struct {
    std::array<std::uint32_t, 256> commands{};
    std::array<std::uint32_t, 768> reserved1024{};
  } page;
  put(page.commands, kManagementCommands);
  return sendLog(command, request, page);
}

}  // namespace doorbell::emulator
