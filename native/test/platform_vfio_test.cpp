// What can be known of VFIO without a device: the rest runs in a guest (test/guest).
#include <doctest/doctest.h>

#include <filesystem>

#include "driver/platforms.h"
#include "platform/vfio/group.h"
#include "support/rig.h"
#include "test/support/served.h"

using namespace doorbell;
using platform::vfio::PciPlace;
namespace fs = std::filesystem;

namespace {

/// A sysfs of a test's own making.
struct FakeSysfs {
  test::PrivateFolder folder;
  fs::path device = fs::path(folder.path()) / "bus/pci/devices/0000:3d:00.0";

  void link(const char* name, const char* target) const {
    fs::create_directory_symlink(target, device / name);
  }
  [[nodiscard]] std::string problem() const {
    return test::messageOf([&] { (void)PciPlace::find("0000:3d:00.0", folder.path()); });
  }
};

}  // namespace

TEST_CASE("what VFIO lacks is said in the order it has to be mended") {
  const FakeSysfs sysfs;
  CHECK(sysfs.problem().find("no such PCI function") != std::string::npos);
  fs::create_directories(sysfs.device);
  CHECK(sysfs.problem().find("intel_iommu=on") != std::string::npos);
  sysfs.link("iommu_group", "../../../../kernel/iommu_groups/17");
  CHECK(sysfs.problem().find("no driver is bound") != std::string::npos);
  sysfs.link("driver", "../../../../bus/pci/drivers/nvme");
  CHECK(sysfs.problem().find("the driver nvme is bound") != std::string::npos);
  fs::remove(sysfs.device / "driver");
  sysfs.link("driver", "../../../../bus/pci/drivers/vfio-pci");
  const PciPlace place = PciPlace::find("0000:3d:00.0", sysfs.folder.path());
  CHECK(place.group == "17");
}

TEST_CASE("an address of a PCI function is taken with and without its domain") {
  for (const char* address : {"ffff:fe:1d.7", "FFFF:FE:1D.7"}) {
    CHECK(test::messageOf([&] {
            (void)driver::openFunction(address);
          }).find("ffff:fe:1d.7: there is no such PCI function") == 0);
  }
  CHECK(test::messageOf([] { (void)driver::openFunction("fe:1d.7"); }).find("0000:fe:1d.7:") == 0);
  CHECK(test::codeOf([] { (void)driver::openFunction("fe:2d.7"); }) == "BAD_ADDRESS");
}
