#include <doctest/doctest.h>

#include "emulator/admin/directives.h"

using doorbell::emulator::Directives;
using Streams = std::vector<std::uint16_t>;

namespace {

Streams open(const Directives& directives, std::uint32_t nsid) {
  const auto page = directives.status(nsid);
  return {page.streams.begin(), page.streams.begin() + page.count};
}

}  // namespace

TEST_CASE("streams open when used, and are reported in order") {
  Directives directives;
  directives.enableStreams(1, true);
  directives.use(1, 9);
  directives.use(1, 3);
  directives.use(1, 9);
  CHECK(open(directives, 1) == Streams{3, 9});
  CHECK(directives.parameters(1, 9).openInNamespace == 2);
  CHECK(directives.parameters(0, 9).open == 2);
  directives.close(1, 9);
  directives.close(1, 77);  // not open: nothing happens
  CHECK(open(directives, 1) == Streams{3});
}

TEST_CASE("the stream used longest ago gives way when resources run out") {
  Directives directives;
  directives.enableStreams(1, true);
  directives.enableStreams(2, true);
  for (std::uint16_t stream = 1; stream <= 16; ++stream) directives.use(1, stream);
  directives.use(1, 1);
  directives.use(1, 17);
  CHECK(open(directives, 1).size() == 16);
  CHECK(open(directives, 1).front() == 1);
  CHECK(open(directives, 1).at(1) == 3);  // 2 was the one
  directives.use(2, 5);
  CHECK(open(directives, 2) == Streams{5});
  CHECK(open(directives, 1).size() == 15);
}

TEST_CASE("a namespace can have stream resources of its own") {
  Directives directives;
  directives.enableStreams(1, true);
  directives.enableStreams(2, true);
  CHECK(directives.allocate(1, 4) == 4);
  CHECK(directives.parameters(2, 9).available == 12);
  CHECK(directives.parameters(1, 9).allocated == 4);
  for (std::uint16_t stream = 1; stream <= 6; ++stream) directives.use(1, stream);
  CHECK(open(directives, 1) == Streams{3, 4, 5, 6});
  CHECK(directives.parameters(0, 9).open == 0);
  CHECK(open(directives, 0).empty());
  CHECK(directives.allocate(2, 100) == 12);
  directives.release(1);
  CHECK(directives.parameters(1, 9).allocated == 0);
  CHECK(open(directives, 1).empty());
}

TEST_CASE("without any resources left a stream cannot be opened") {
  Directives directives;
  directives.enableStreams(1, true);
  directives.enableStreams(2, true);
  directives.allocate(1, 16);
  directives.use(2, 1);
  CHECK(open(directives, 2).empty());
  CHECK(directives.allocate(2, 1) == 0);
}

TEST_CASE("disabling, removing the namespace and a reset release everything") {
  Directives directives;
  const auto prepare = [&] {
    directives.enableStreams(3, true);
    directives.allocate(3, 2);
    directives.use(3, 1);
  };
  prepare();
  CHECK(directives.anyEnabled());
  SUBCASE("disabled") { directives.enableStreams(3, false); }
  SUBCASE("removed") { directives.forget(3); }
  SUBCASE("reset") { directives.reset(); }
  CHECK_FALSE(directives.anyEnabled());
  CHECK_FALSE(directives.streamsEnabled(3));
  CHECK(open(directives, 3).empty());
  CHECK(directives.parameters(3, 9).available == 16);
}

TEST_CASE("sizes are in logical blocks of the namespace") {
  const Directives directives;
  CHECK(directives.parameters(1, 9).writeSize == 128);
  CHECK(directives.parameters(1, 12).writeSize == 16);
  CHECK(directives.parameters(0, 9).writeSize == 0);
}
