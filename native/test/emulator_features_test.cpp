#include <doctest/doctest.h>

#include "test/support/test_host.h"

using namespace doorbell;
using spec::FeatureId;
using test::TestHost;
namespace status = spec::status;

namespace {

constexpr std::uint32_t kCurrent = 0;
constexpr std::uint32_t kDefault = 1;
constexpr std::uint32_t kSaved = 2;
constexpr std::uint32_t kCapabilities = 3;

}  // namespace

TEST_CASE("every simple feature keeps what is set until a reset, and what is saved beyond it") {
  struct Case {
    FeatureId id;
    std::uint32_t value;
    std::uint32_t nsid;
  };
  for (const Case c :
       {Case{FeatureId::Arbitration, 0x01020303, 0}, Case{FeatureId::PowerManagement, 2, 0},
        Case{FeatureId::TemperatureThreshold, 350, 0}, Case{FeatureId::ErrorRecovery, 100, 1},
        Case{FeatureId::VolatileWriteCache, 0, 0}, Case{FeatureId::InterruptCoalescing, 0x0a05, 0},
        Case{FeatureId::WriteAtomicityNormal, 1, 0},
        Case{FeatureId::AsynchronousEventConfiguration, 0x1f, 0}}) {
    CAPTURE(static_cast<int>(c.id));
    TestHost host;
    const auto get = [&](std::uint32_t select) {
      return host.getFeature(c.id, select, 0, c.nsid).dw0;
    };
    const auto byDefault = get(kDefault);
    CHECK(get(kCurrent) == byDefault);
    CHECK(get(kSaved) == byDefault);
    CHECK((get(kCapabilities) & 5) == 5);
    CHECK(host.setFeature(c.id, c.value, false, c.nsid).status() == 0);
    CHECK(get(kCurrent) == c.value);
    CHECK(get(kSaved) == byDefault);
    host.function->write32(spec::reg::kCc, 0);
    host.enable();
    CHECK(get(kCurrent) == byDefault);
    CHECK(host.setFeature(c.id, c.value, true, c.nsid).status() == 0);
    host.function->power()->off();
    host.function->power()->on();
    host.enable();
    CHECK(get(kCurrent) == c.value);
    CHECK(get(kSaved) == c.value);
    CHECK(get(kDefault) == byDefault);
  }
}

TEST_CASE("Number of Queues grants what there is, only before the first I/O queue") {
  TestHost host;
  CHECK(host.setFeature(FeatureId::NumberOfQueues, 0x00030003).dw0 == 0x003f003f);
  CHECK(host.getFeature(FeatureId::NumberOfQueues).dw0 == 0x003f003f);
  CHECK(TestHost::plain(host.setFeature(FeatureId::NumberOfQueues, 0xffff0000)) ==
        status::kInvalidField);
  CHECK(TestHost::plain(host.setFeature(FeatureId::NumberOfQueues, 0x0000ffff)) ==
        status::kInvalidField);
  host.openIo();
  CHECK(TestHost::plain(host.setFeature(FeatureId::NumberOfQueues, 0)) ==
        status::kCommandSequenceError);
}

TEST_CASE("values that do not exist are refused") {
  TestHost host;
  CHECK(TestHost::plain(host.setFeature(FeatureId::PowerManagement, 5)) == status::kInvalidField);
  CHECK(TestHost::plain(host.setFeature(FeatureId::TemperatureThreshold, 3U << 16U)) ==
        status::kInvalidField);
  CHECK(TestHost::plain(host.setFeature(FeatureId::TemperatureThreshold, 2U << 20U)) ==
        status::kInvalidField);
  CHECK(TestHost::plain(host.setFeature(FeatureId::InterruptVectorConfiguration, 65)) ==
        status::kInvalidField);
  CHECK(TestHost::plain(host.setFeature(static_cast<FeatureId>(0x7f), 0)) == status::kInvalidField);
  CHECK(TestHost::plain(host.getFeature(static_cast<FeatureId>(0x7f))) == status::kInvalidField);
  CHECK(TestHost::plain(host.getFeature(FeatureId::Arbitration, 4)) == status::kInvalidField);
}

TEST_CASE("a feature that cannot be saved says so") {
  TestHost host;
  CHECK(TestHost::plain(host.setFeature(FeatureId::NumberOfQueues, 0, true)) ==
        status::kFeatureNotSaveable);
  CHECK(TestHost::plain(host.setFeature(FeatureId::InterruptVectorConfiguration, 1, true)) ==
        status::kFeatureNotSaveable);
}

TEST_CASE("the namespace must fit the feature") {
  TestHost host;
  CHECK(host.getFeature(FeatureId::Arbitration, 0, 0, 1).status() == 0);
  CHECK(TestHost::plain(host.getFeature(FeatureId::Arbitration, 0, 0, 99)) ==
        status::kInvalidNamespace);
  CHECK(TestHost::plain(host.setFeature(FeatureId::Arbitration, 1, false, 99)) ==
        status::kInvalidNamespace);
  CHECK(TestHost::plain(host.setFeature(FeatureId::Arbitration, 1, false, 1)) ==
        status::kFeatureNotNamespaceSpecific);
  CHECK(TestHost::plain(host.setFeature(FeatureId::ErrorRecovery, 1, false, 2)) ==
        status::kInvalidField);
  CHECK(TestHost::plain(host.setFeature(FeatureId::ErrorRecovery, 1, false, 33)) ==
        status::kInvalidNamespace);
  CHECK(host.setFeature(FeatureId::ErrorRecovery, 1, false, spec::kBroadcastNsid).status() == 0);
  CHECK(TestHost::plain(host.getFeature(FeatureId::ErrorRecovery, 0, 0, 0)) ==
        status::kInvalidNamespace);
}

TEST_CASE("over and under temperature thresholds are kept apart") {
  TestHost host;
  CHECK(host.setFeature(FeatureId::TemperatureThreshold, 350).status() == 0);
  CHECK(host.setFeature(FeatureId::TemperatureThreshold, 250 | (1U << 20U)).status() == 0);
  CHECK(host.getFeature(FeatureId::TemperatureThreshold, kCurrent, 0).dw0 == 350);
  CHECK(host.getFeature(FeatureId::TemperatureThreshold, kCurrent, 1U << 20U).dw0 == 250);
}

TEST_CASE("each interrupt vector in use has its own coalescing switch") {
  constexpr std::uint32_t kDisable = 1U << 16U;
  TestHost host;
  host.openIo();
  CHECK(host.setFeature(FeatureId::InterruptVectorConfiguration, 1 | kDisable).status() == 0);
  CHECK(host.getFeature(FeatureId::InterruptVectorConfiguration, kCurrent, 1).dw0 ==
        (1 | kDisable));
  CHECK(host.getFeature(FeatureId::InterruptVectorConfiguration, kCurrent, 6).dw0 == 6);
  for (const std::uint32_t unused : {0U, 6U}) {
    CHECK(TestHost::plain(host.setFeature(FeatureId::InterruptVectorConfiguration, unused)) ==
          status::kInvalidField);
  }
}

TEST_CASE("the timestamp runs on from what the host set") {
  TestHost host;
  host.data.put<std::uint64_t>(0, 1'700'000'000'000);
  CHECK(host.setFeature(FeatureId::Timestamp, 0).status() == 0);
  host.data.fill(0);
  CHECK(host.getFeature(FeatureId::Timestamp).status() == 0);
  const auto value = host.data.as<std::uint64_t>();
  CHECK((value & 0xffffffffffff) >= 1'700'000'000'000);
  CHECK((value & 0xffffffffffff) < 1'700'000'060'000);
  CHECK((value >> 49U & 7) == 1);
}
