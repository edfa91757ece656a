#include <doctest/doctest.h>

#include "emulator/admin/thermal.h"

using namespace doorbell::emulator;

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

}  // namespace

TEST_CASE("the second sensor is a little cooler than the SSD as a whole") {
  ThermalRecord record;
  Thermal thermal(record);
  CHECK(thermal.composite() == Thermal::kNormal);
  thermal.set(330, 1);
  CHECK(thermal.composite() == 330);
  CHECK(thermal.sensor(0) == 330);
  CHECK(thermal.sensor(1) == 325);
  thermal.set(2, 2);
  CHECK(thermal.sensor(1) == 0);
}

TEST_CASE("time at warning and at critical temperature is counted apart") {
  ThermalRecord record;
  Thermal thermal(record);
  thermal.set(Thermal::kWarning, kSecond);
  thermal.set(Thermal::kCritical, 61 * kSecond);
  thermal.set(Thermal::kNormal, 91 * kSecond);
  const auto& counted = thermal.counted(1000 * kSecond);
  CHECK(counted.warningTime == 60 * kSecond);
  CHECK(counted.criticalTime == 30 * kSecond);
}

TEST_CASE("every begin of light and of heavy throttling is counted, and its time") {
  ThermalRecord record;
  Thermal thermal(record);
  thermal.setLimits(320, 330, kSecond);
  thermal.set(320, 2 * kSecond);
  CHECK(thermal.throttling() == 1);
  thermal.set(335, 5 * kSecond);
  CHECK(thermal.throttling() == 2);
  thermal.set(325, 9 * kSecond);
  thermal.set(310, 10 * kSecond);
  CHECK(thermal.throttling() == 0);
  const auto& counted = thermal.counted(20 * kSecond);
  CHECK(counted.transitions == std::array<std::uint32_t, 2>{2, 1});
  CHECK(counted.throttledTime == std::array<std::uint64_t, 2>{4 * kSecond, 4 * kSecond});
}

TEST_CASE("limits that were taken away throttle no more") {
  ThermalRecord record;
  Thermal thermal(record);
  thermal.set(335, kSecond);
  thermal.setLimits(0, 330, kSecond);
  CHECK(thermal.throttling() == 2);
  thermal.setLimits(0, 0, kSecond);
  CHECK(thermal.throttling() == 0);
}

TEST_CASE("each temperature has its own over and under threshold") {
  ThermalRecord record;
  Thermal thermal(record);
  Thermal::Thresholds limits{{343, 0xffff, 0xffff}, {0, 0, 0}};
  CHECK_FALSE(thermal.outside(limits));
  limits.over[2] = Thermal::kNormal - Thermal::kBelow;
  CHECK(thermal.outside(limits));
  limits.over[2] = 0xffff;
  limits.under[1] = Thermal::kNormal;
  CHECK(thermal.outside(limits));
  limits.under[1] = 0;
  thermal.set(343, 1);
  CHECK(thermal.outside(limits));
}
