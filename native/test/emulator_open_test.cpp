#include <doctest/doctest.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "test/support/small_disk.h"
#include "test/support/test_host.h"

using namespace doorbell;
using test::TestHost;

namespace {

/// A folder of its own for media files.
struct Folder {
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "doorbell-media-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  [[nodiscard]] std::string address(const std::string& options = "size=16M") const {
    return "emulated:" + (path / "ssd.img").string() + "?" + options;
  }
  std::filesystem::path path;
};

/// The error code and message of what opening throws.
std::pair<std::string, std::string> errorOf(const std::string& address) {
  try {
    platform::openEmulated(address);
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {"none", ""};
}

}  // namespace

TEST_CASE("a bad address names the part that is wrong") {
  struct Case {
    const char* address;
    const char* part;
  };
  for (const Case c :
       {Case{"emulatd", "emulated"}, Case{"emulatedx", "colon"},
        Case{"emulated?size=12Q", "size=12Q"}, Case{"emulated?size=4097", "size=4097"},
        Case{"emulated?size=4K", "size=4K"}, Case{"emulated?size=99T", "size=99T"},
        Case{"emulated?lbaSize=520", "lbaSize=520"}, Case{"emulated?seed=x", "seed=x"},
        Case{"emulated?profile=slc", "profile=slc"}, Case{"emulated?fresh=yes", "fresh=yes"},
        Case{"emulated?bogus=1", "bogus"}, Case{"emulated?size", "size has no value"}}) {
    CAPTURE(c.address);
    const auto [code, message] = errorOf(c.address);
    CHECK(code == "BAD_ADDRESS");
    CHECK(message.find(c.part) != std::string::npos);
  }
}

TEST_CASE("an in-memory SSD is the same one when opened again") {
  const auto address = test::freshAddress();
  {
    TestHost host(address);
    host.openIo();
    host.write(0, 1, 7);
  }
  {
    TestHost host(address);
    host.openIo();
    CHECK(host.readFill(0) == 7);
    CHECK(host.smart().powerCycles.low == 1);
    CHECK(host.smart().unsafeShutdowns.low == 0);
  }
  SUBCASE("until it is forgotten") { platform::forgetEmulated(address); }
  SUBCASE("until a fresh one is asked for") {
    CHECK(platform::openEmulated(address + "&fresh=1")->address() == address);
  }
  TestHost host(address);
  host.openIo();
  CHECK(host.readFill(0) == 0);
  CHECK(host.smart().hostWriteCommands.low == 0);
}

TEST_CASE("an SSD that is open is shared, and cannot be made fresh") {
  const auto address = test::freshAddress();
  TestHost host(address);
  CHECK(platform::openEmulated(address) == host.function);
  CHECK(errorOf(address + "&fresh=1").first == "BUSY");
  CHECK_THROWS_AS(platform::forgetEmulated(address), Error);
}

TEST_CASE("opening and closing from several threads always ends in a working SSD") {
  const auto address = test::freshAddress();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) platform::openEmulated(address)->read32(spec::reg::kVs);
    });
  }
  for (auto& thread : threads) thread.join();
  TestHost host(address);
  CHECK(host.identify(spec::Cns::Controller).status() == 0);
}

TEST_CASE("a media file keeps blocks, marks and counters beyond the SSD's life") {
  Folder folder;
  {
    TestHost host(folder.address());
    host.openIo();
    host.write(1, 1, 7);
    host.ioCommand(host.block(spec::NvmOpcode::WriteUncorrectable, 9, 1));
  }
  TestHost host(folder.address("seed=3"));
  host.openIo();
  CHECK(host.readFill(1) == 7);
  CHECK(host.readFill(0) == 0);
  CHECK(host.readFill(9) == -1);
  const auto smart = host.smart();
  CHECK(smart.powerCycles.low == 2);
  CHECK(smart.unsafeShutdowns.low == 0);
  CHECK(smart.hostWriteCommands.low == 1);
  std::FILE* image = std::fopen((folder.path / "ssd.img").c_str(), "rb");
  REQUIRE(image != nullptr);
  std::fseek(image, 512, SEEK_SET);
  CHECK(std::fgetc(image) == 7);
  std::fclose(image);
}

TEST_CASE("a media file keeps the Vital Product Data that was written") {
  Folder folder;
  const auto vpd = [](TestHost& host, spec::AdminOpcode direction, std::uint32_t opcode) {
    auto sqe = TestHost::sqe(direction);
    sqe.prp1 = host.data.bus();
    sqe.cdw10 = 0x804;
    sqe.cdw11 = opcode;
    sqe.cdw12 = 248;
    sqe.cdw13 = 8;
    const spec::Cqe cqe = host.adminCommand(sqe);
    return cqe.status() == 0 && cqe.dw0 == 0;
  };
  {
    TestHost host(folder.address());
    host.data.fill(0x42);
    CHECK(vpd(host, spec::AdminOpcode::NvmeMiSend, 0x06));
  }
  TestHost host(folder.address());
  CHECK(vpd(host, spec::AdminOpcode::NvmeMiReceive, 0x05));
  CHECK(host.data.as<std::uint64_t>() == 0x4242424242424242);
}

TEST_CASE("a media file keeps which blocks are deallocated") {
  constexpr std::uint32_t kDulbe = 1U << 16U;
  Folder folder;
  const auto deallocate = [](TestHost& host, std::uint32_t slba, std::uint32_t blocks) {
    auto dsm = host.block(spec::NvmOpcode::DatasetManagement, 0, 1);
    dsm.cdw10 = 0;
    dsm.cdw11 = 4;
    dsm.cdw12 = 0;
    const std::array<std::uint32_t, 4> range{0, blocks, slba, 0};
    host.data.put(0, range);
    return host.ioCommand(dsm).status();
  };
  {
    TestHost host(folder.address());
    host.openIo();
    REQUIRE(host.write(8, 16, 7).status() == 0);
    REQUIRE(host.write(41, 1, 7).status() == 0);
    REQUIRE(deallocate(host, 10, 2) == 0);
    REQUIRE(deallocate(host, 16, 8) == 0);
    REQUIRE(host.write(17, 1, 7).status() == 0);
  }
  TestHost host(folder.address());
  host.openIo();
  for (const std::uint64_t slba : {8, 9, 12, 15, 17, 41}) CHECK(host.readFill(slba) == 7);
  for (const std::uint64_t slba : {10, 11, 16, 18, 40}) CHECK(host.readFill(slba) == 0);
  REQUIRE(host.setFeature(spec::FeatureId::ErrorRecovery, kDulbe, false, 1).status() == 0);
  for (const std::uint64_t slba : {8, 9, 12, 15, 17, 41}) CHECK(host.readFill(slba) == 7);
  for (const std::uint64_t slba : {0, 10, 11, 16, 18, 23, 40}) {
    CAPTURE(slba);
    const auto cqe = host.ioCommand(host.block(spec::NvmOpcode::Read, slba, 1));
    CHECK(TestHost::plain(cqe) == spec::status::kDeallocatedBlock);
  }
}

TEST_CASE("a media file keeps every namespace, each at its place") {
  Folder folder;
  const auto command = [](TestHost& host, spec::NvmOpcode opcode) {
    auto sqe = host.block(opcode, 5, 1);
    sqe.nsid = 2;
    sqe.mptr = host.data.bus() + 8192;
    return host.ioCommand(sqe).status();
  };
  {
    TestHost host(folder.address("namespaces=2&lbaSize=512,4096+8"));
    host.openIo();
    host.write(1, 1, 7);
    host.data.fill(8);
    CHECK(command(host, spec::NvmOpcode::Write) == 0);
  }
  CHECK(errorOf(folder.address("namespaces=3")).first == "BAD_ADDRESS");
  CHECK(errorOf(folder.address("lbaSize=512,4096")).first == "BAD_ADDRESS");
  TestHost host(folder.address("seed=9"));
  host.openIo();
  CHECK(host.readFill(1) == 7);
  host.data.fill(0);
  CHECK(command(host, spec::NvmOpcode::Read) == 0);
  CHECK(host.data.as<std::uint8_t>(4095) == 8);
}

TEST_CASE("a media file with other options is refused") {
  Folder folder;
  platform::openEmulated(folder.address());
  CHECK(errorOf(folder.address("size=32M")).first == "BAD_ADDRESS");
  CHECK(errorOf(folder.address("lbaSize=4096")).first == "BAD_ADDRESS");
  CHECK(errorOf("emulated:/nowhere/at/all").first == "NO_MEDIA");
}

TEST_CASE("options that were refused leave no trace in a new media file") {
  Folder folder;
  const auto image = folder.path / "ssd.img";
  std::filesystem::resize_file((std::ofstream(image), image), (16U << 20U) + 512);
  const std::string address = "emulated:" + image.string();
  CHECK(errorOf(address).first == "BAD_ADDRESS");
  std::filesystem::resize_file(image, 16U << 20U);
  TestHost host(address);
  CHECK(host.identify(spec::Cns::Controller).status() == 0);
}

TEST_CASE("a full disk under a media file fails the write, not the process") {
  Folder folder;
  CHECK(test::holdsOnSmallDisk(folder.path, "size=4m", [&] {
    TestHost host(folder.address());
    host.openIo();
    host.write(0, 8, 7);
    unsigned faults = 0;
    for (std::uint64_t slba = 0; slba < 8192; slba += 8) {
      const auto cqe = host.write(slba, 8, 9);
      if (TestHost::plain(cqe) == spec::status::kWriteFault) ++faults;
    }
    const auto zeroes = host.block(spec::NvmOpcode::WriteZeroes, 8184, 7);
    const bool zeroed = host.ioCommand(zeroes).status() == 0;
    return faults > 100 && zeroed && host.readFill(0) == 9 && host.readFill(8184) == 0;
  }));
}

TEST_CASE("deallocating on a media file gives its space back") {
  Folder folder;
  TestHost host(folder.address());
  host.openIo();
  for (std::uint64_t slba = 0; slba < 4096; slba += 1024) host.write(slba, 8, 1);
  auto sqe = host.block(spec::NvmOpcode::DatasetManagement, 0, 1);
  host.data.put<std::uint64_t>(0, std::uint64_t{4096} << 32U);
  host.data.put<std::uint64_t>(8, 0);
  sqe.cdw11 = 4;
  REQUIRE(host.ioCommand(sqe).status() == 0);
  CHECK(host.readFill(1024) == 0);
}

TEST_CASE("a second process is told who holds the media file") {
  Folder folder;
  int ready[2];
  int done[2];
  REQUIRE(::pipe(ready) == 0);
  REQUIRE(::pipe(done) == 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    const auto open = platform::openEmulated(folder.address());
    char byte = 'r';
    if (::write(ready[1], &byte, 1) != 1 || ::read(done[0], &byte, 1) != 1) ::_exit(1);
    ::_exit(0);  // as if it was killed: no orderly power off
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  const auto [code, message] = errorOf(folder.address());
  CHECK(code == "BUSY");
  CHECK(message.find(std::to_string(holder)) != std::string::npos);
  REQUIRE(::write(done[1], &byte, 1) == 1);
  int status = 0;
  ::waitpid(holder, &status, 0);
  CHECK(status == 0);
  TestHost host(folder.address());
  CHECK(host.smart().unsafeShutdowns.low == 1);
}
