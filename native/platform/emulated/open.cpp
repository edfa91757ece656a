#include "platform/emulated/open.h"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

#include "emulator/nvm_subsystem.h"
#include "platform/emulated/address.h"
#include "platform/emulated/emulated_function.h"
#include "platform/error.h"

namespace doorbell::platform {

namespace {

struct Slot {
  std::shared_ptr<emulator::NvmSubsystem> subsystem;  ///< kept while closed, unless on a media file
  std::weak_ptr<EmulatedFunction> function;
  bool inUse = false;  ///< until the function is destroyed, which ends after `function` expired
};

/// Every SSD of this process, by address.
struct Store {
  std::mutex mutex;
  std::condition_variable closed;
  std::map<std::string, Slot> slots;
};

/// Never destroyed: a device thread may still run while the process exits.
Store& store() {
  static Store& instance = *new Store;
  return instance;
}

void close(EmulatedFunction* function) {
  const std::string key = function->address();
  delete function;
  Store& all = store();
  const std::lock_guard lock(all.mutex);
  all.slots[key].inUse = false;
  all.closed.notify_all();
}

/// The slot, once a function that is being closed is gone.
Slot& settledSlot(Store& all, std::unique_lock<std::mutex>& lock, const std::string& key) {
  Slot& slot = all.slots[key];
  const auto settled = [&slot] { return !slot.inUse || !slot.function.expired(); };
  if (!all.closed.wait_for(lock, std::chrono::seconds(10), settled)) {
    throw Error("BUSY", key + " is still being closed after 10 s; restart the driver host");
  }
  return slot;
}

void forget(Slot& slot, const std::string& key) {
  if (slot.inUse) {
    throw Error("BUSY", key + " is open in this process; close it before asking for a fresh one");
  }
  slot.subsystem.reset();
}

}  // namespace

namespace {

std::shared_ptr<EmulatedFunction> open(const std::string& address, bool alone) {
  const EmulatedAddress wanted = EmulatedAddress::parse(address);
  Store& all = store();
  std::unique_lock lock(all.mutex);
  Slot& slot = settledSlot(all, lock, wanted.key);
  if (wanted.fresh) forget(slot, wanted.key);
  if (auto open = slot.function.lock()) {
    if (!alone) return open;
    throw Error("BUSY", wanted.key + " is open in this process; close it first");
  }
  auto subsystem =
      slot.subsystem ? slot.subsystem : std::make_shared<emulator::NvmSubsystem>(wanted.options);
  const std::shared_ptr<EmulatedFunction> function(new EmulatedFunction(wanted.key, subsystem),
                                                   close);
  slot.inUse = true;
  slot.function = function;
  if (wanted.options.mediaFile.empty()) slot.subsystem = std::move(subsystem);
  return function;
}

}  // namespace

std::shared_ptr<PciFunction> openEmulated(const std::string& address) {
  return open(address, false);
}

std::shared_ptr<EmulatedFunction> openEmulatedAlone(const std::string& address) {
  return open(address, true);
}

void forgetEmulated(const std::string& address) {
  const EmulatedAddress wanted = EmulatedAddress::parse(address);
  Store& all = store();
  std::unique_lock lock(all.mutex);
  forget(settledSlot(all, lock, wanted.key), wanted.key);
}

}  // namespace doorbell::platform
