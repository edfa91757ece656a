// A media file and what is kept beside it survive the death of the process that holds them.
#include <doctest/doctest.h>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <random>

#include "test/support/test_host.h"

using namespace doorbell;
using test::TestHost;

namespace {

constexpr std::uint32_t kBlocks = 256;

/// What the writing process tells: by block, the last write it submitted and the last one that
/// completed.
struct Progress {
  std::atomic<std::uint32_t> submitted[kBlocks];
  std::atomic<std::uint32_t> completed[kBlocks];
  std::atomic<std::uint32_t> writes;
};

struct SharedProgress {
  SharedProgress()
      : value(static_cast<Progress*>(::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                                            MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~SharedProgress() { ::munmap(value, sizeof(Progress)); }
  SharedProgress(const SharedProgress&) = delete;
  SharedProgress& operator=(const SharedProgress&) = delete;
  Progress* operator->() const { return value; }
  Progress* value;
};

void fillBlock(TestHost& host, std::uint32_t index, std::uint32_t token) {
  for (std::size_t at = 0; at < 512; at += 4) host.data.put(index * 512 + at, token);
}

/// The process may have died while it copied a block: then the block is of both writes.
bool holdsEither(TestHost& host, std::uint32_t index, std::uint32_t a, std::uint32_t b) {
  for (std::size_t at = 0; at < 512; at += 4) {
    const auto found = host.data.as<std::uint32_t>(index * 512 + at);
    if (found != a && found != b) return false;
  }
  return true;
}

[[noreturn]] void writeUntilKilled(const std::string& address, Progress& progress,
                                   std::uint32_t token) {
  TestHost host(address);
  host.openIo();
  std::mt19937 random(token);
  for (;; ++token) {
    const std::uint32_t count = 1 + static_cast<std::uint32_t>(random()) % 16;
    const std::uint32_t slba = static_cast<std::uint32_t>(random()) % (kBlocks - count + 1);
    for (std::uint32_t i = 0; i < count; ++i) {
      progress.submitted[slba + i] = token;
      fillBlock(host, i, token);
    }
    const auto cqe = host.ioCommand(host.block(spec::NvmOpcode::Write, slba, count));
    if (cqe.status() != 0) ::_exit(1);
    for (std::uint32_t i = 0; i < count; ++i) progress.completed[slba + i] = token;
    ++progress.writes;
  }
}

/// Kills the writer after a while; false when it ended by itself.
bool killWriter(const std::string& address, Progress& progress, std::uint32_t token) {
  const std::uint32_t before = progress.writes;
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      writeUntilKilled(address, progress, token);
    } catch (...) {
      ::_exit(2);
    }
  }
  const bool wrote = test::eventually([&] { return progress.writes > before + 50; });
  std::this_thread::sleep_for(std::chrono::microseconds(token % 3000));
  ::kill(child, SIGKILL);
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFSIGNALED(status) && wrote;
}

}  // namespace

TEST_CASE("what completed is in the media file after the process was killed") {
  std::string options;
  SUBCASE("with one device thread") {}
  SUBCASE("with two, and modelled time") { options = "&threads=2&profile=tlc"; }
  const auto file = std::filesystem::temp_directory_path() /
                    ("doorbell-killed-" + std::to_string(::getpid()) + ".img");
  const std::string address = "emulated:" + file.string() + "?size=1M" + options;
  const SharedProgress progress;
  std::uint64_t checked = 0;
  std::uint64_t hostWrites = 0;
  for (std::uint32_t round = 0; round < 8; ++round) {
    CAPTURE(round);
    REQUIRE(killWriter(address, *progress.value, 1 + round * 1'000'003));
    TestHost host(address);
    const auto smart = host.smart();
    CHECK(smart.unsafeShutdowns.low == round + 1);
    CHECK(smart.hostWriteCommands.low >= progress->writes);
    CHECK(smart.hostWriteCommands.low > hostWrites);
    hostWrites = smart.hostWriteCommands.low;
    host.openIo();
    std::vector<std::uint32_t> repair;  // what was being written: from now on known again
    for (std::uint32_t first = 0; first < kBlocks; first += 16) {
      REQUIRE(host.ioCommand(host.block(spec::NvmOpcode::Read, first, 16)).status() == 0);
      for (std::uint32_t i = 0; i < 16; ++i) {
        auto& completed = progress->completed[first + i];
        auto& submitted = progress->submitted[first + i];
        CAPTURE(first + i);
        CHECK(holdsEither(host, i, completed, submitted));
        checked += completed != 0 && completed == submitted ? 1 : 0;
        if (completed != submitted) repair.push_back(first + i);
      }
    }
    for (const std::uint32_t block : repair) {
      fillBlock(host, 0, 0);
      REQUIRE(host.ioCommand(host.block(spec::NvmOpcode::Write, block, 1)).status() == 0);
      progress->completed[block] = progress->submitted[block] = 0;
    }
  }
  CHECK(checked > kBlocks);
  std::filesystem::remove(file);
  std::filesystem::remove(file.string() + ".doorbell");
}
