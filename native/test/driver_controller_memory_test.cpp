// The driver and a Controller Memory Buffer: enabled, handed out in parts, and full of queues.
#include <doctest/doctest.h>

#include <cstring>

#include "driver/controller_memory.h"
#include "driver/registry.h"
#include "support/rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;

namespace {

constexpr std::size_t kPage = 4096;

std::shared_ptr<ControllerMemory> memoryOf(std::size_t pages, std::uint64_t bus) {
  return std::make_shared<ControllerMemory>(platform::HostMemory::allocate(pages * kPage), bus,
                                            spec::reg::Cmbsz{0x1f});
}

std::shared_ptr<Controller> openReady(const std::string& address) {
  auto controller = Registry::instance().open(address);
  controller->initialize({});
  return controller;
}

}  // namespace

TEST_CASE("Parts of the buffer do not overlap, are aligned on the bus, and come back") {
  const auto memory = memoryOf(16, 0x3000);
  auto first = memory->allocate(1, kPage);
  CHECK(first.bus == 0x3000);
  const auto second = memory->allocate(2 * kPage, 0x4000);
  CHECK(second.bus == 0x4000);
  CHECK(memory->freeBytes() == 13 * kPage);
  std::memset(first.memory->data(), 1, kPage);
  CHECK(second.memory->data()[0] == std::byte{0});
  CHECK(codeOf([&] { (void)memory->allocate(14 * kPage, kPage); }) == "NO_MEMORY");
  CHECK(codeOf([&] { (void)memory->allocate(SIZE_MAX, kPage); }) == "NO_MEMORY");
  first = {};
  const auto again = memory->allocate(kPage, kPage);
  CHECK(again.bus == 0x3000);
  CHECK(again.memory->data()[0] == std::byte{0});
  const auto rest = memory->allocate(13 * kPage, kPage);
  CHECK(memory->freeBytes() == 0);
}

TEST_CASE("Without the buffer every verb says so") {
  const auto controller = openReady("emulated?name=nocmb&size=16M");
  CHECK(controller->memory() == nullptr);
  CHECK(codeOf([&] { controller->enableMemory(); }) == "NOT_SUPPORTED");
  CHECK(codeOf([&] { controller->disableMemory(); }) == "NOT_SUPPORTED");
  CHECK(codeOf([&] { (void)controller->allocateInMemory(512); }) == "NOT_SUPPORTED");
  CHECK(codeOf([&] {
          (void)controller->createQpair({.depth = 4, .inController = {.sq = true}});
        }) == "NOT_SUPPORTED");
  controller->close();
}

TEST_CASE("Queues and data in the buffer move blocks") {
  const auto controller = openReady("emulated?name=cmb&size=16M&cmb=256K");
  CHECK(codeOf([&] { (void)controller->allocateInMemory(512); }) == "CONTROLLER_MEMORY_DISABLED");
  controller->enableMemory();
  controller->enableMemory();
  const auto memory = controller->memory();
  REQUIRE(memory != nullptr);
  CHECK(memory->size() == 256U << 10U);
  const auto qpair =
      controller->createQpair({.depth = 256, .inController = {.sq = true, .cq = true}});
  CHECK(memory->freeBytes() == memory->size() - 256 * (64 + 16));
  CHECK(codeOf([&] {
          (void)controller->createQpair(
              {.depth = 4, .contiguous = false, .inController = {.sq = true}});
        }) == "NOT_SUPPORTED");
  const auto out = controller->allocateInMemory(4 * kPage);
  const auto in = DmaBuffer::allocate(4 * kPage);
  out->fillRandom(0, out->size(), 5, 0);
  for (int turn = 0; turn < 600; ++turn) {
    qpair->submit(writeSqe(8, 32), out, 0, out->size(), 5000);
    REQUIRE(reapN(*qpair, 1).at(0).cqe.status() == 0);
  }
  qpair->submit(readSqe(8, 32), in, 0, in->size(), 5000);
  REQUIRE(reapN(*qpair, 1).at(0).cqe.status() == 0);
  CHECK(in->compare(0, *out, 0, in->size()) == -1);
  qpair->remove();
  out->close();
  controller->close();
}

TEST_CASE("A buffer of one controller is no address for another") {
  const auto one = openReady("emulated?name=cmb1&size=16M&cmb=64K");
  const auto other = openReady("emulated?name=cmb2&size=16M&cmb=64K");
  one->enableMemory();
  const auto buffer = one->allocateInMemory(512);
  CHECK(buffer->busAddress(one->dmaScope(), 4) == one->memory()->bus() + 4);
  CHECK(codeOf([&] { (void)buffer->busAddress(other->dmaScope(), 0); }) == "NOT_SUPPORTED");
  one->close();
  other->close();
  buffer->fillIncrementing(0, 512, 1);  // the memory is there as long as the buffer is
}

TEST_CASE("A reset that disables the buffer is noticed, and enabling gives the same addresses") {
  const auto controller = openReady("emulated?name=cmb3&size=16M&cmb=64K");
  controller->enableMemory();
  const auto buffer = controller->allocateInMemory(512);
  const auto bus = buffer->busAddress(controller->dmaScope(), 0);
  controller->initialize({});
  CHECK(controller->memory() != nullptr);
  controller->reset(ControllerReset::Hot);
  CHECK(controller->memory() == nullptr);
  controller->initialize({});
  controller->enableMemory();
  CHECK(buffer->busAddress(controller->dmaScope(), 0) == bus);
  buffer->close();
  CHECK(controller->allocateInMemory(512)->busAddress(controller->dmaScope(), 0) == bus);
  controller->disableMemory();
  CHECK(controller->memory() == nullptr);
  controller->close();
}
