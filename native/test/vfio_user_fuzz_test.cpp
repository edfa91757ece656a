// Whatever a vfio-user client sends, the server answers or hangs up, and serves the next.
// DOORBELL_FUZZ_ROUNDS: how many clients; DOORBELL_SEED: the first of them.
#include <doctest/doctest.h>

#include <cstdlib>
#include <random>

#include "test/support/served.h"

using namespace doorbell;
using namespace doorbell::platform::vfio_user;
using test::RawClient;
using test::Served;

namespace {

std::uint64_t numberFrom(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 0);
}

/// Numbers at which arithmetic goes wrong, and ordinary ones.
std::uint64_t number(std::mt19937_64& random) {
  static constexpr std::array<std::uint64_t, 12> kEdges{0,
                                                        1,
                                                        4,
                                                        0xfff,
                                                        0x1000,
                                                        0x1001,
                                                        0x4000,
                                                        0xffffffff,
                                                        0x100000000,
                                                        UINT64_MAX,
                                                        UINT64_MAX - 0xfff,
                                                        std::uint64_t{1} << 46U};
  return random() % 2 == 0 ? kEdges[random() % kEdges.size()] : random() % 0x10000;
}

std::vector<std::byte> payload(std::mt19937_64& random) {
  std::vector<std::byte> bytes;
  for (auto words = random() % 9; words > 0; --words) {
    if (random() % 2 == 0) {
      append(bytes, number(random));
    } else {
      append(bytes, static_cast<std::uint32_t>(number(random)));
    }
  }
  return bytes;
}

void misbehave(RawClient& client, std::mt19937_64& random, int fd) {
  for (int message = 0; message < 60; ++message) {
    const auto command = static_cast<std::uint16_t>(random() % 20);
    const auto bytes = payload(random);
    Header header{.id = static_cast<std::uint16_t>(message),
                  .command = command,
                  .size = static_cast<std::uint32_t>(sizeof(Header) + bytes.size()),
                  .flags = random() % 8 == 0 ? static_cast<std::uint32_t>(random()) : kNoReply};
    if (random() % 40 == 0) header.size = static_cast<std::uint32_t>(number(random));
    if (random() % 4 == 0) {
      (void)client.send(static_cast<Command>(command), bytes, {&fd, 1});
      // What it meant before may have been the head of a longer message: then nothing answers.
      if (!client.receiveWithin(std::chrono::milliseconds(5))) return;
    } else {
      client.sendRaw(&header, sizeof(header));
      client.sendRaw(bytes.data(), bytes.size());
    }
  }
}

}  // namespace

TEST_CASE("a server outlives clients that send anything at all") {
  const Served served;
  const auto memory = test::memoryFile(1U << 20U);
  const std::uint64_t seed = numberFrom("DOORBELL_SEED", 1);
  const std::uint64_t rounds = numberFrom("DOORBELL_FUZZ_ROUNDS", 40);
  for (std::uint64_t round = seed; round < seed + rounds; ++round) {
    CAPTURE(round);
    std::mt19937_64 random(round);
    RawClient client(served.socket(), round % 8 != 0);
    misbehave(client, random, memory.get());
  }
  CHECK(test::eventually([&] { return !served.server->connected(); }));
  CHECK(served.works());
}
