// The server, and clients that misbehave: it outlives them all.
#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "support/rig.h"
#include "test/support/served.h"

using namespace doorbell;
using namespace doorbell::platform::vfio_user;
using test::RawClient;
using test::Served;

TEST_CASE("the socket is for this user alone") {
  const Served served;
  struct stat about {};
  REQUIRE(::stat(served.socket().c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  REQUIRE(::stat(served.folder.path().c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0700);
}

TEST_CASE("a path that cannot be served says why") {
  const test::PrivateFolder folder;
  const auto serve = [](const std::string& path) {
    return test::messageOf([&] { emulator::ServerSocket socket(path); });
  };
  CHECK(serve("/tmp/doorbell-test.sock").find("others can enter /tmp/") != std::string::npos);
  CHECK(serve("").find("1 to 107 bytes") != std::string::npos);
  CHECK(serve(folder.file("no/such/folder/s")).find("making its folder") != std::string::npos);
  ::close(::open(folder.file("plain").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  CHECK(serve(folder.file("plain")).find("no socket") != std::string::npos);
  emulator::ServerSocket made(folder.file("new/s"));
  CHECK(serve(folder.file("new/s")).find("process " + std::to_string(::getpid())) !=
        std::string::npos);
}

TEST_CASE("what a server that died left behind is replaced") {
  const test::PrivateFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    new emulator::ServerSocket(folder.file("s"));
    ::_exit(0);
  }
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  struct stat about {};
  REQUIRE(::stat(folder.file("s").c_str(), &about) == 0);
  { const emulator::ServerSocket again(folder.file("s")); }
  CHECK(::stat(folder.file("s").c_str(), &about) != 0);
}

TEST_CASE("an SSD is not served while it is open in this process") {
  const test::PrivateFolder folder;
  const auto address = test::freshAddress();
  const auto open = platform::openEmulated(address);
  CHECK(test::codeOf([&] { emulator::Server({.socket = folder.file("s"), .address = address}); }) ==
        "BUSY");
}

TEST_CASE("messages that make no sense are refused, or end the connection") {
  const Served served;
  {
    RawClient client(served.socket(), false);
    CHECK(client.call(Command::DeviceGetInfo, DeviceInfo{}) == EINVAL);  // no version yet
    CHECK(client.call(Command::Version, Version{.major = 1}) == EINVAL);
    CHECK(client.call(Command::Version, std::span<const std::byte>()) == EINVAL);
    CHECK(client.call(Command::Version, Version{}) == 0);
    CHECK(client.call(static_cast<Command>(99), Version{}) == ENOTSUP);
    CHECK(client.call(Command::DeviceGetInfo, Version{}) == EINVAL);
    CHECK(client.call(Command::DeviceGetRegionInfo, RegionInfo{.index = 99}) == EINVAL);
    CHECK(client.call(Command::DeviceGetIrqInfo, IrqInfo{.index = 99}) == EINVAL);
    const RegionAccess beyond{.offset = UINT64_MAX, .region = 0, .count = 8};
    CHECK(client.call(Command::RegionRead, beyond) == EINVAL);
    CHECK(client.call(Command::RegionRead, RegionAccess{.region = 3, .count = 4}) == EINVAL);
    CHECK(client.call(Command::RegionWrite, RegionAccess{.count = 4}) == EINVAL);  // no data
    CHECK(client.call(Command::DeviceSetIrqs, IrqSet{.flags = 0xffffffff, .index = 2}) == EINVAL);
    const IrqSet tooMany{.flags = VFIO_IRQ_SET_ACTION_MASK | VFIO_IRQ_SET_DATA_NONE,
                         .index = VFIO_PCI_MSIX_IRQ_INDEX,
                         .start = 2,
                         .count = UINT32_MAX};
    CHECK(client.call(Command::DeviceSetIrqs, tooMany) == EINVAL);
  }
  for (const std::uint32_t size : {0U, 15U, kMaxMessage + 1, UINT32_MAX}) {
    RawClient client(served.socket());
    const Header header{.command = 4, .size = size};
    client.sendRaw(&header, sizeof(header));
    CHECK_FALSE(client.receive());
  }
  CHECK(served.works());
}

TEST_CASE("an interrupt goes to an eventfd only") {
  const Served served;
  RawClient client(served.socket());
  const IrqSet set{.argsz = sizeof(IrqSet),
                   .flags = VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_EVENTFD,
                   .index = VFIO_PCI_MSIX_IRQ_INDEX,
                   .count = 1};
  std::array<int, 2> pipe{};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  CHECK(client.call(Command::DeviceSetIrqs, set, {&pipe[1], 1}) == EINVAL);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST_CASE("DMA maps that overlap, wrap, exceed their file or are no memory are refused") {
  const Served served;
  {
    RawClient client(served.socket());
    const auto memory = test::memoryFile(1U << 20U);
    const int fd = memory.get();
    const auto map = [&](DmaMap wanted) { return client.call(Command::DmaMap, wanted, {&fd, 1}); };
    CHECK(map(test::dmaMap(0x100000, 0x10000)) == 0);
    CHECK(map(test::dmaMap(0x100000, 0x10000)) == EEXIST);
    CHECK(map(test::dmaMap(0x10f000, 0x1000)) == EEXIST);
    CHECK(map(test::dmaMap(0xff000, 0x2000)) == EEXIST);
    CHECK(map(test::dmaMap(0, 0x80000)) == 0);
    CHECK(map(test::dmaMap(0x200000, 0)) == EINVAL);
    CHECK(map(test::dmaMap(0x200001, 0x1000)) == EINVAL);
    CHECK(map(test::dmaMap(0x200000, 0x1001)) == EINVAL);
    CHECK(map(test::dmaMap(0x200000, 2U << 20U)) == EINVAL);  // longer than its file
    CHECK(map(test::dmaMap(UINT64_MAX - 0xfff, 0x1000)) == EINVAL);
    CHECK(map(test::dmaMap(0x400000000, std::uint64_t{1} << 60U)) == EINVAL);
    DmaMap offset = test::dmaMap(0x300000, 0x1000);
    offset.offset = UINT64_MAX - 0xfff;
    CHECK(map(offset) == EINVAL);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    CHECK(client.call(Command::DmaMap, test::dmaMap(0x300000, 0x1000), {&null, 1}) == EINVAL);
    ::close(null);
    CHECK(client.call(Command::DmaMap, test::dmaMap(0x300000, 0x1000)) == 0);  // without a file
    CHECK(client.call(Command::DmaUnmap, DmaUnmap{.address = 0x100000, .size = 0x1000}) == ENOENT);
    CHECK(client.call(Command::DmaUnmap, DmaUnmap{.address = 0x100000, .size = 0x10000}) == 0);
    CHECK(client.call(Command::DmaUnmap, DmaUnmap{.flags = kUnmapAll}) == 0);
    CHECK(map(test::dmaMap(0, 0x80000)) == 0);
  }
  CHECK(served.works());
}

TEST_CASE("a client may map memory thousands of times, at any address, and no more") {
  const Served served;
  {
    RawClient client(served.socket());
    const auto memory = test::memoryFile(1U << 20U);
    const int fd = memory.get();
    const auto map = [&](std::uint64_t address) {
      return client.call(Command::DmaMap, test::dmaMap(address, 0x1000), {&fd, 1});
    };
    int refused = 0;
    // High ones, as of clients whose bus addresses are their virtual ones.
    for (std::uint64_t i = 0; i < 3000; ++i) {
      refused += map((std::uint64_t{1} << 45U) + i * 0x2000) != 0 ? 1 : 0;
    }
    CHECK(refused == 0);
    std::uint64_t low = 0;
    for (; low < emulator::ClientMemory::kMaxMappings; ++low) {
      if (map(low * 0x2000) != 0) break;
    }
    CHECK(low + 3000 == emulator::ClientMemory::kMaxMappings);
  }
  CHECK(served.works());
}

TEST_CASE("memory at high bus addresses is reached") {
  const Served served;
  const auto memory = test::memoryFile(1U << 20U);
  const int fd = memory.get();
  emulator::IovaTable table;
  auto* data = static_cast<std::byte*>(
      ::mmap(nullptr, 1U << 20U, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  const std::uint64_t high = std::uint64_t{1} << 46U;
  REQUIRE(table.mapAt(high, {data, 0x3000}, nullptr));
  REQUIRE(table.mapAt(high + 0x10000, {data + 0x8000, 0x1000}, nullptr));
  CHECK_FALSE(table.mapAt(high + 0x2000, {data, 0x1000}, nullptr));
  CHECK(table.at(high + 0x2fff) == data + 0x2fff);
  CHECK(table.at(high + 0x3000) == nullptr);
  CHECK(table.at(high - 1) == nullptr);
  CHECK(table.at(high + 0x10004) == data + 0x8004);
  table.unmap(high);
  CHECK(table.at(high) == nullptr);
  CHECK(table.at(high + 0x10000) == data + 0x8000);
  ::munmap(data, 1U << 20U);
}

TEST_CASE("memory that a client cuts off under a command reads as zeros and ends nobody") {
  const Served served;
  {
    RawClient client(served.socket());
    const auto memory = test::memoryFile(1U << 20U);
    const int fd = memory.get();
    REQUIRE(client.call(Command::DmaMap, test::dmaMap(0x100000, 1U << 20U), {&fd, 1}) == 0);
    REQUIRE(::ftruncate(fd, 0) == 0);
    const auto write = [&](std::uint32_t region, std::uint64_t offset, std::uint32_t value) {
      std::vector<std::byte> payload;
      append(payload, RegionAccess{.offset = offset, .region = region, .count = 4});
      append(payload, value);
      return client.call(Command::RegionWrite, payload);
    };
    // An admin queue in that memory: the device fetches commands from it.
    REQUIRE(write(VFIO_PCI_CONFIG_REGION_INDEX, 4, 6) == 0);
    REQUIRE(write(0, spec::reg::kAqa, 0x001f001f) == 0);
    REQUIRE(write(0, spec::reg::kAsq, 0x100000) == 0);
    REQUIRE(write(0, spec::reg::kAcq, 0x110000) == 0);
    REQUIRE(write(0, spec::reg::kCc, 0x00460001) == 0);
    REQUIRE(write(0, spec::reg::kDoorbells, 5) == 0);
    CHECK(client.call(Command::DeviceGetInfo, DeviceInfo{}) == 0);
  }
  CHECK(served.works());
}

TEST_CASE("clients that die at any moment leave the SSD to the next") {
  const Served served;
  for (int round = 0; round < 8; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      // Of the threads only this one is here: no more than a raw client.
      RawClient client(served.socket());
      const auto memory = test::memoryFile(1U << 20U);
      const int fd = memory.get();
      (void)client.call(Command::DmaMap, test::dmaMap(0, 1U << 20U), {&fd, 1});
      const Header half{.command = 9, .size = 4096};
      client.sendRaw(&half, round % 2 == 0 ? sizeof(half) : 7);
      ::raise(SIGKILL);
    }
    REQUIRE(::waitpid(child, nullptr, 0) == child);
  }
  CHECK(test::eventually([&] { return !served.server->connected(); }));
  CHECK(served.works());
}
