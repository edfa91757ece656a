#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>

#include "emulator/admin/firmware_image.h"
#include "emulator/mapped_region.h"
#include "emulator/outcome.h"
#include "spec/firmware.h"
#include "spec/log_page.h"

namespace doorbell::emulator {

/// A slot for a firmware image. The revision of an image is all the emulated SSD runs of it.
struct FirmwareSlot {
  std::array<char, 8> revision{};
  std::uint8_t present = 0;
  std::uint8_t activation = 0;
  std::uint8_t flags = 0;
  std::uint8_t reserved = 0;
};

/// What the SSD keeps of its firmware without power. All zeros: as delivered, slot 1 active.
struct FirmwareRecord {
  static constexpr std::uint8_t kSlots = 7;

  std::array<FirmwareSlot, kSlots> slots{};
  std::uint8_t active = 0;         ///< slot, or 0 for slot 1
  std::uint8_t pending = 0;        ///< slot that a reset activates; 0: none
  std::uint8_t pendingReset = 0;   ///< the Activation that names that reset
  std::uint8_t lastCommitted = 0;  ///< slot; 0: none
  std::array<char, 8> running{};   ///< revision that runs; none: the one delivered
};

/// Firmware images on their way into the slots, and from a slot into operation (NVMe Base 2.0,
/// "Firmware Update Process").
class FirmwareStore {
 public:
  static constexpr std::uint8_t kFrmw = spec::FirmwareUpdates::kFirstSlotReadOnly |
                                        spec::FirmwareUpdates::slots(7) |
                                        spec::FirmwareUpdates::kActivationWithoutReset;

  enum class Reset : std::uint8_t { Controller, Conventional, Subsystem, PowerCycle };

  /// What a Firmware Commit is going to do, once all of it was checked.
  struct Plan {
    Outcome outcome;           ///< how the command ends
    std::uint8_t slot = 0;     ///< 0: nothing is done
    bool replaces = false;     ///< the downloaded image goes into the slot
    bool activates = false;    ///< at once
    std::uint8_t pending = 0;  ///< the Activation by which a reset activates the slot
    bool leavesPending = false;
  };

  /// Throws Error{"NO_MEMORY"}.
  explicit FirmwareStore(FirmwareRecord& record);

  /// Whether these bytes can be a piece of an image.
  [[nodiscard]] Outcome checkPiece(std::uint64_t offset, std::uint64_t bytes) noexcept;
  /// Where the piece goes; checkPiece() has found it good.
  [[nodiscard]] std::span<std::byte> piece(std::uint64_t offset, std::uint64_t bytes) noexcept;

  [[nodiscard]] Plan plan(std::uint32_t cdw10) const noexcept;
  /// The Firmware Commit completes, with a refusal too. Until this, a power loss leaves everything
  /// as it was.
  void carryOut(const Plan& plan) noexcept;
  /// Portions downloaded are discarded.
  void discard() noexcept;

  /// A reset: activates what waits for one of its kind. False when an image could not be loaded
  /// and the one before runs on.
  [[nodiscard]] bool reset(Reset kind) noexcept;

  /// Why a Sanitize command cannot start: the reset that a pending activation takes. Success when
  /// none is pending.
  [[nodiscard]] spec::Status pendingStatus() const noexcept;
  [[nodiscard]] bool pending() const noexcept { return record_.pending != 0; }
  [[nodiscard]] std::uint8_t activeSlot() const noexcept {
    return record_.active == 0 ? std::uint8_t{1} : record_.active;
  }
  /// FR of Identify Controller.
  [[nodiscard]] std::array<char, 8> revision() const noexcept;
  [[nodiscard]] spec::FirmwareSlotLog log() const noexcept;
  /// Revision of the image that a plan, carried out, asked to become active; zeros: of none.
  [[nodiscard]] std::array<char, 8> requested(const Plan& plan) const noexcept {
    return plan.activates || plan.leavesPending ? slot(plan.slot).revision : std::array<char, 8>{};
  }

 private:
  [[nodiscard]] FirmwareSlot slot(std::uint8_t number) const noexcept;
  [[nodiscard]] std::uint8_t slotFor(std::uint32_t cdw10, bool replaces) const noexcept;
  [[nodiscard]] std::optional<FirmwareHeader> downloadedImage() const noexcept;
  [[nodiscard]] Outcome checkReplacement(spec::CommitAction action, Plan& plan,
                                         FirmwareSlot& image) const noexcept;
  bool activate(std::uint8_t number) noexcept;

  FirmwareRecord& record_;
  MappedRegion image_;
  std::bitset<kMaxFirmwareBytes / kFirmwareGranule> received_;
  bool overlapped_ = false;
  bool stale_ = false;     ///< a commit completed: the next download starts a new image
  bool consumed_ = false;  ///< the image downloaded last is in its slot
};

}  // namespace doorbell::emulator
