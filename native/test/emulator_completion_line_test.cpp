#include <doctest/doctest.h>

#include <array>

#include "emulator/completion_line.h"

using doorbell::emulator::CompletionLine;
using doorbell::spec::Cqe;

namespace {

struct Ring {
  alignas(64) std::array<Cqe, 8> entries{};
  [[nodiscard]] std::byte* slot(std::size_t index) {
    return reinterpret_cast<std::byte*>(&entries[index]);
  }
  [[nodiscard]] std::size_t posted() const {
    std::size_t count = 0;
    for (const Cqe& one : entries) count += one.phase() ? 1 : 0;
    return count;
  }
};

Cqe entry(std::uint16_t cid) {
  Cqe cqe;
  cqe.cid = cid;
  cqe.statusPhase = 1;
  return cqe;
}

}  // namespace

TEST_CASE("entries are posted when their cache line is full") {
  Ring ring;
  CompletionLine line;
  for (std::uint16_t i = 0; i < 3; ++i) line.add(ring.slot(i), entry(i));
  CHECK(ring.posted() == 0);
  line.add(ring.slot(3), entry(3));
  CHECK(ring.posted() == 4);
  for (std::uint16_t i = 0; i < 4; ++i) CHECK(ring.entries[i].cid == i);
}

TEST_CASE("entries are posted when there are no more for now") {
  Ring ring;
  CompletionLine line;
  line.add(ring.slot(2), entry(2));
  line.flush();
  CHECK(ring.posted() == 1);
  line.flush();
  line.add(ring.slot(3), entry(3));  // the line's last: it does not wait for others
  CHECK(ring.posted() == 2);
}

TEST_CASE("entries are posted before those of another place") {
  Ring one;
  Ring other;
  CompletionLine line;
  line.add(one.slot(5), entry(5));
  line.add(other.slot(0), entry(0));
  CHECK(one.posted() == 1);
  CHECK(other.posted() == 0);
  line.flush();
  CHECK(other.posted() == 1);
}
