#pragma once

#include <memory>
#include <string>

#include "emulator/nvm_subsystem.h"
#include "platform/emulated/address.h"
#include "platform/emulated/emulated_function.h"
#include "test/support/test_host.h"

namespace doorbell::test {

/// A host whose SSD can be reached behind its PCI function.
class TestDevice {
 public:
  explicit TestDevice(const std::string& options = "size=64M")
      : address_(freshAddress(options)), host(address_) {}

  [[nodiscard]] emulator::Device& device() const {
    return static_cast<platform::EmulatedFunction&>(*host.function).device();
  }
  [[nodiscard]] emulator::NvmSubsystem& subsystem() const { return device().subsystem(); }
  [[nodiscard]] emulator::FaultPlan& faults() const { return device().faults(); }

 private:
  const std::string address_;

 public:
  TestHost host;
};

}  // namespace doorbell::test
