#include <doctest/doctest.h>

#include "test/support/test_host.h"

using namespace doorbell;
using test::TestHost;
namespace status = spec::status;

TEST_CASE("what was written is read back, and everything else reads as zeros") {
  TestHost host;
  host.openIo();
  CHECK(host.write(7, 1, 0xa5).status() == 0);
  CHECK(host.readFill(7) == 0xa5);
  CHECK(host.readFill(6) == 0);
  CHECK(host.readFill(8) == 0);
}
