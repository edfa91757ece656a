#include <doctest/doctest.h>

#include "spec/registers.h"
#include "spec/status.h"

using namespace doorbell::spec;

TEST_CASE("doorbells lie where the transport specification puts them") {
  CHECK(reg::sqTailDoorbell(0, 0) == 0x1000);
  CHECK(reg::cqHeadDoorbell(0, 0) == 0x1004);
  CHECK(reg::sqTailDoorbell(3, 0) == 0x1018);
  CHECK(reg::cqHeadDoorbell(3, 0) == 0x101c);
  CHECK(reg::sqTailDoorbell(1, 4) == 0x1080);
}

TEST_CASE("CAP fields are decoded") {
  const reg::Cap cap{0x0801'4030'28'0103ff | (std::uint64_t{1} << 36U)};
  CHECK(cap.mqes() == 1023);
  CHECK(cap.cqr());
  CHECK(cap.timeoutMs() == 0x28 * 500);
  CHECK(cap.nssrs());
}

TEST_CASE("a status keeps type and code apart from More and Do Not Retry") {
  const auto status = status::kInvalidQueueSize.withDnr().withMore();
  CHECK(status.type() == 1);
  CHECK(status.code() == 2);
  CHECK_FALSE(status.ok());
  CHECK(status.raw == 0x6102);
  CHECK(Status{0x4000}.ok());
}
