#include "emulator/admin/firmware_store.h"

#include <algorithm>
#include <string_view>

#include "emulator/identity.h"

namespace doorbell::emulator {

namespace status = spec::status;
using spec::CommitAction;

namespace {

constexpr std::array<char, 8> padded(std::string_view text) {
  std::array<char, 8> field{};
  field.fill(' ');
  std::copy_n(text.begin(), std::min(text.size(), field.size()), field.begin());
  return field;
}

constexpr FirmwareSlot slotOf(const FirmwareHeader& header) {
  return {.revision = header.revision,
          .present = 1,
          .activation = header.activation,
          .flags = header.flags,
          .reserved = 0};
}

constexpr Activation activationOf(const FirmwareSlot& slot) {
  return static_cast<Activation>(slot.activation);
}

constexpr bool replacesSlot(CommitAction action, bool downloaded) {
  if (action == CommitAction::ActivateNow) return downloaded;
  return action != CommitAction::ActivateAtReset;
}

/// The command succeeded as far as it could: it may be repeated after that reset.
constexpr spec::Status statusFor(Activation activation) {
  switch (activation) {
    case Activation::ConventionalReset:
      return status::kActivationNeedsConventionalReset;
    case Activation::SubsystemReset:
      return status::kActivationNeedsSubsystemReset;
    case Activation::TooLong:
      return status::kActivationNeedsTimeViolation;
    default:
      return status::kActivationNeedsControllerReset;
  }
}

constexpr bool satisfies(FirmwareStore::Reset kind, Activation needed) {
  using Reset = FirmwareStore::Reset;
  if (kind == Reset::PowerCycle) return true;
  if (needed == Activation::ConventionalReset) return kind == Reset::Conventional;
  if (needed == Activation::SubsystemReset) return kind == Reset::Subsystem;
  return true;
}

}  // namespace

FirmwareStore::FirmwareStore(FirmwareRecord& record)
    : record_(record), image_(MappedRegion::anonymous(kMaxFirmwareBytes)) {}

Outcome FirmwareStore::checkPiece(std::uint64_t offset, std::uint64_t bytes) noexcept {
  if (bytes % kFirmwareGranule != 0) return refused(status::kInvalidField, at::kCdw10);
  if (offset % kFirmwareGranule != 0 || offset > kMaxFirmwareBytes ||
      bytes > kMaxFirmwareBytes - offset) {
    return refused(status::kInvalidField, at::kCdw11);
  }
  if (stale_) discard();
  for (std::uint64_t at = offset; at < offset + bytes; at += kFirmwareGranule) {
    if (!received_.test(at / kFirmwareGranule)) continue;
    overlapped_ = true;
    return refused(status::kOverlappingRange, at::kCdw11);
  }
  return done();
}

std::span<std::byte> FirmwareStore::piece(std::uint64_t offset, std::uint64_t bytes) noexcept {
  for (std::uint64_t at = offset; at < offset + bytes; at += kFirmwareGranule) {
    received_.set(at / kFirmwareGranule);
  }
  return {image_.data() + offset, bytes};
}

void FirmwareStore::discard() noexcept {
  received_.reset();
  overlapped_ = false;
  stale_ = false;
  consumed_ = false;
}

/// What was downloaded, when it is a valid image without gaps.
std::optional<FirmwareHeader> FirmwareStore::downloadedImage() const noexcept {
  const std::size_t granules = received_.count();
  for (std::size_t i = 0; i < granules; ++i) {
    if (!received_.test(i)) return std::nullopt;
  }
  return readFirmware({image_.data(), granules * kFirmwareGranule});
}

FirmwareSlot FirmwareStore::slot(std::uint8_t number) const noexcept {
  if (number == 1)
    return {.revision = padded(kFirmwareRevision),
            .present = 1,
            .activation = 0,
            .flags = 0,
            .reserved = 0};
  return record_.slots[number - 1U];
}

/// FS, or where it is 0 the choice that is the controller's: for a new image an empty slot, else
/// one not in use; for one that is there already the last that was committed.
std::uint8_t FirmwareStore::slotFor(std::uint32_t cdw10, bool replaces) const noexcept {
  const auto given = static_cast<std::uint8_t>(cdw10 & 7U);
  if (given != 0) return given;
  if (!replaces) return record_.lastCommitted != 0 ? record_.lastCommitted : activeSlot();
  for (std::uint8_t number = 2; number <= FirmwareRecord::kSlots; ++number) {
    if (slot(number).present == 0) return number;
  }
  std::uint8_t number = 2;
  while (number == activeSlot() || number == record_.pending) ++number;
  return number;
}

/// Whether the downloaded image may go into the slot of the plan; `image` is then what it is.
Outcome FirmwareStore::checkReplacement(CommitAction action, Plan& plan,
                                        FirmwareSlot& image) const noexcept {
  if (plan.slot == 1) return refused(status::kInvalidFirmwareSlot, at::kCdw10);
  if (action == CommitAction::Replace && plan.slot == activeSlot()) {
    return refused(status::kCommandSequenceError, at::kCdw10);
  }
  if (overlapped_) return refused(status::kOverlappingRange);
  const auto header = consumed_ ? std::nullopt : downloadedImage();
  if (!header) return refused(status::kInvalidFirmwareImage);
  image = slotOf(*header);
  return done();
}

FirmwareStore::Plan FirmwareStore::plan(std::uint32_t cdw10) const noexcept {
  const auto action = static_cast<CommitAction>((cdw10 >> 3U) & 7U);
  if (action > CommitAction::ActivateNow) return {refused(status::kInvalidField, at::kCdw10, 3)};
  Plan plan;
  plan.replaces = replacesSlot(action, !consumed_ && (received_.any() || overlapped_));
  plan.slot = slotFor(cdw10, plan.replaces);
  FirmwareSlot image = slot(plan.slot);
  if (plan.replaces) {
    if (const auto bad = checkReplacement(action, plan, image); !bad.status.ok()) return {bad};
  }
  if (image.present == 0) return {refused(status::kInvalidFirmwareImage)};
  if (action == CommitAction::Replace) return plan;
  const Activation needs = activationOf(image);
  if (needs == Activation::Prohibited) return {refused(status::kActivationProhibited)};
  const bool now = action == CommitAction::ActivateNow;
  plan.activates = now && needs == Activation::Immediate;
  if (plan.activates) return plan;
  if (now || needs == Activation::ConventionalReset || needs == Activation::SubsystemReset) {
    plan.outcome.status = statusFor(needs);
  }
  plan.leavesPending = !now || needs != Activation::TooLong;
  plan.pending = static_cast<std::uint8_t>(needs);
  return plan;
}

void FirmwareStore::carryOut(const Plan& plan) noexcept {
  stale_ = true;
  if (plan.slot == 0) return;
  if (plan.replaces) {
    if (const auto header = downloadedImage()) {
      record_.slots[plan.slot - 1U] = slotOf(*header);
      record_.lastCommitted = plan.slot;
      consumed_ = true;
    }
  }
  if (plan.leavesPending) {
    record_.pending = plan.slot;
    record_.pendingReset = plan.pending;
  }
  if (plan.activates && activate(plan.slot)) record_.pending = 0;
}

/// False when the image cannot be loaded: what runs goes on running.
bool FirmwareStore::activate(std::uint8_t number) noexcept {
  const FirmwareSlot image = slot(number);
  if ((image.flags & FirmwareHeader::kFailsToLoad) != 0) return false;
  record_.active = number;
  record_.running = image.revision;
  return true;
}

bool FirmwareStore::reset(Reset kind) noexcept {
  discard();
  if (record_.pending == 0) return true;
  if (!satisfies(kind, static_cast<Activation>(record_.pendingReset))) return true;
  const std::uint8_t number = record_.pending;
  record_.pending = 0;
  return activate(number);
}

spec::Status FirmwareStore::pendingStatus() const noexcept {
  if (record_.pending == 0) return status::kSuccess;
  const auto needs = static_cast<Activation>(record_.pendingReset);
  if (needs == Activation::TooLong) return status::kActivationNeedsControllerReset;
  return statusFor(needs);
}

std::array<char, 8> FirmwareStore::revision() const noexcept {
  return record_.running[0] != 0 ? record_.running : padded(kFirmwareRevision);
}

spec::FirmwareSlotLog FirmwareStore::log() const noexcept {
  spec::FirmwareSlotLog page;
  page.activeFirmware = static_cast<std::uint8_t>(activeSlot() | (record_.pending << 4U));
  for (std::uint8_t number = 1; number <= FirmwareRecord::kSlots; ++number) {
    const FirmwareSlot image = slot(number);
    if (image.present != 0) page.revisions[number - 1U] = image.revision;
  }
  return page;
}

}  // namespace doorbell::emulator
