// Whatever a host does, the emulated SSD neither crashes nor hangs, and works again after a power
// cycle. DOORBELL_FUZZ_SECONDS: how long; DOORBELL_SEED: the first case, printed when one fails.
#include <doctest/doctest.h>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "test/support/fuzzer.h"
#include "test/support/test_host.h"

using namespace doorbell;
using test::Fuzzer;
using test::TestHost;

extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

constexpr std::uint32_t kSteps = 3000;
std::atomic<std::uint64_t> currentSeed{0};

void tellSeed() {
  char line[96];
  const int length =
      std::snprintf(line, sizeof(line), "\nfuzzing died: DOORBELL_SEED=%llu repeats it\n",
                    static_cast<unsigned long long>(currentSeed.load()));
  if (::write(STDERR_FILENO, line, static_cast<std::size_t>(length)) < 0) return;
}

void dying(int signal) {
  tellSeed();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::uint64_t numberFrom(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 0);
}

/// Options that lead to different code.
std::string optionsOf(std::uint64_t seed) {
  static const std::array<const char*, 9> kOptions{
      "size=8M",
      "size=8M&lbaSize=4096&threads=2",
      "size=8M&lbaSize=512+8:pi1&threads=4",
      "size=1M&seed=9&threads=2",
      "size=16M&namespaces=3&zns=1,2&zoneSize=1M&zoneCapacity=512K&maxActive=4&maxOpen=2",
      "size=16M&zns=1&zoneSize=512K&excursionMs=1&readOnlyZones=2&threads=4",
      "size=8M&lbaSize=4096+64:pi3:extended&threads=1",
      "size=8M&profile=tlc&threads=2",
      "size=8M&namespaces=4&lbaSize=512+8:pi2,512,4096&profile=tlc&threads=4"};
  return kOptions[seed % kOptions.size()];
}

Fuzzer::Count runCase(std::uint64_t seed) {
  currentSeed = seed;
  const std::string address = test::freshAddress(optionsOf(seed));
  Fuzzer::Count count;
  {
    const auto function = platform::openEmulated(address);
    count = Fuzzer(function, seed).run(kSteps);
    function->faults()->clear();
    function->power()->off();
    function->power()->on();
    TestHost host(address);
    REQUIRE(host.identify(spec::Cns::Controller).status() == 0);
  }
  platform::forgetEmulated(address);
  return count;
}

}  // namespace

TEST_CASE("nothing a host does crashes or hangs the device") {
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, dying);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(tellSeed);
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::seconds(numberFrom("DOORBELL_FUZZ_SECONDS", 8));
  std::uint64_t seed = numberFrom("DOORBELL_SEED", 1);
  std::uint64_t cases = 0;
  Fuzzer::Count all;
  for (; cases == 0 || std::chrono::steady_clock::now() < end; ++cases) {
    CAPTURE(seed);
    all += runCase(seed++);
  }
  MESSAGE(cases << " cases, " << all.inputs << " inputs, " << all.commands
                << " commands: " << all.succeeded << " succeeded, " << all.failed << " failed, "
                << all.faults << " faults");
  CHECK(all.succeeded > all.commands / 50);
  CHECK(all.failed > all.commands / 50);
}
