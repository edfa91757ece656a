#include "spec/namespace_management.h"
#include "spec/sanitize.h"
#include "test/support/historian.h"

using namespace doorbell;
using spec::AdminOpcode;
using test::Event;
using test::formatSqe;
using test::Historian;
using Type = spec::PersistentEventType;

TEST_CASE("a format is recorded when it starts and when it ends") {
  Historian host;
  CHECK(host.adminCommand(formatSqe()).status() == 0);
  const auto events = host.events();
  REQUIRE(events.size() >= 2);
  CHECK(events[0].type == Type::FormatCompletion);
  CHECK(events[0].as<spec::FormatCompletionEvent>().nsid == 1);
  CHECK(events[1].type == Type::FormatStart);
  CHECK(events[1].as<spec::FormatStartEvent>().cdw10 == 1U << 9U);
  CHECK(int{events[1].as<spec::FormatStartEvent>().fna} == 4);
}

TEST_CASE("a reset during a format says so, and there is no completion") {
  Historian host;
  auto command = formatSqe();
  command.cid = 0x700;
  host.admin->submit(command);
  REQUIRE(test::eventually([&] {
    host.identify(spec::Cns::Namespace, 1);
    return (host.data.as<spec::IdentifyNamespace>().fpi & 0x7fU) != 0;
  }));
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  const auto events = host.events();
  CHECK(events[0].type == Type::PowerOnOrReset);
  CHECK(int{events[0].as<spec::PowerOnOrResetEvent>().operationInProgress} == 1);
  CHECK(events[1].type == Type::FormatStart);
}

TEST_CASE("a sanitize operation is recorded when it starts and when it ends") {
  Historian host;
  auto command = Historian::sqe(AdminOpcode::Sanitize);
  command.cdw10 = 2;
  SUBCASE("well") {}
  SUBCASE("failed") { host.faults().failSanitize(); }
  CHECK(host.adminCommand(command).status() == 0);
  spec::SanitizeStatusLog log;
  CHECK(test::eventually([&] {
    host.logPage(spec::LogPageId::SanitizeStatus, 512);
    log = host.data.as<spec::SanitizeStatusLog>();
    return log.progress == spec::SanitizeStatusLog::kNotInProgress;
  }));
  if ((log.status & 7U) == static_cast<unsigned>(spec::SanitizeState::Failed)) {
    CHECK(host.part(spec::PersistentEventAction::Establish, 512).status() != 0);
    command.cdw10 = 4;
    CHECK(host.adminCommand(command).status() == 0);
    CHECK(test::eventually([&] {
      host.logPage(spec::LogPageId::SanitizeStatus, 512);
      return host.data.as<spec::SanitizeStatusLog>().progress == 0xffff;
    }));
    CHECK(host.events()[2].as<spec::SanitizeCompletionEvent>().status == log.status);
    return;
  }
  const auto events = host.events();
  CHECK(events[0].type == Type::SanitizeCompletion);
  CHECK(events[0].as<spec::SanitizeCompletionEvent>().progress == 0xffff);
  CHECK(events[0].as<spec::SanitizeCompletionEvent>().status == log.status);
  CHECK(events[1].type == Type::SanitizeStart);
  CHECK(events[1].as<spec::SanitizeStartEvent>().cdw10 == 2);
}

TEST_CASE("namespaces that come and go are recorded, and leave no features behind") {
  Historian host("size=64M&namespaces=2");
  CHECK(host.setFeature(spec::FeatureId::ErrorRecovery, 0x1234, true, 2).status() == 0);
  auto command = Historian::sqe(AdminOpcode::NamespaceManagement);
  command.nsid = 2;
  command.cdw10 = 1;
  CHECK(host.adminCommand(command).status() == 0);
  auto event = host.newest().as<spec::ChangeNamespaceEvent>();
  CHECK(event.nsid == 2);
  CHECK(event.cdw10 == 1);
  CHECK(std::uint64_t{event.nsze} == 65536);
  host.logPage(spec::LogPageId::ChangedNamespaceList, 4096);
  CHECK(host.data.as<std::uint32_t>() == 2);

  spec::NamespaceRequest request;
  request.nsze = request.ncap = 2048;
  host.data.fill(0);
  std::memcpy(host.data.data(), &request, sizeof(request));
  command = Historian::sqe(AdminOpcode::NamespaceManagement);
  command.prp1 = host.data.bus();
  const auto created = host.adminCommand(command);
  CHECK(created.dw0 == 2);
  event = host.newest().as<spec::ChangeNamespaceEvent>();
  CHECK(event.nsid == 2);
  CHECK(std::uint64_t{event.ncap} == 2048);

  host.data.fill(0);
  const std::uint16_t list[] = {1, 1};
  std::memcpy(host.data.data(), list, sizeof(list));
  command = Historian::sqe(AdminOpcode::NamespaceAttachment);
  command.nsid = 2;
  command.prp1 = host.data.bus();
  CHECK(host.adminCommand(command).status() == 0);
  CHECK(host.getFeature(spec::FeatureId::ErrorRecovery, 0, 0, 2).dw0 == 0);
  CHECK(host.getFeature(spec::FeatureId::ErrorRecovery, 2, 0, 2).dw0 == 0);
}

TEST_CASE("hardware errors are recorded: warnings, a fatal status, a loss of power") {
  Historian host;
  platform::HealthChange change;
  change.availableSpare = 3;
  host.faults().setHealth(change);
  auto newest = host.newest();
  CHECK(newest.type == Type::HardwareError);
  CHECK(newest.as<spec::HardwareErrorEvent<1>>().code == spec::HardwareErrorCode::CriticalWarning);
  CHECK(int{newest.as<spec::HardwareErrorEvent<1>>().additional[0]} == 1);
  const auto before = host.events().size();
  host.faults().setHealth(change);
  CHECK(host.events().size() == before);

  host.faults().failController();
  host.function->write32(spec::reg::kCc, 0);
  host.enable();
  bool fatal = false;
  for (const Event& event : host.events()) {
    if (event.type != Type::HardwareError || event.data.size() != 4) continue;
    fatal |= event.as<spec::HardwareErrorHeader>().code ==
             spec::HardwareErrorCode::ControllerFatalStatus;
  }
  CHECK(fatal);

  host.function->power()->off();
  host.function->power()->on();
  host.enable();
  const auto events = host.events();
  CHECK(events[0].type == Type::PowerOnOrReset);
  const auto lost = events[1].as<spec::HardwareErrorEvent<17>>();
  CHECK(lost.code == spec::HardwareErrorCode::UnsafeShutdown);
  CHECK(int{lost.additional[0]} == 1);
}

TEST_CASE("an internal error is an entry and an event of no command") {
  Historian host;
  auto request = Historian::sqe(AdminOpcode::AsynchronousEventRequest);
  request.cid = 0x700;
  host.admin->submit(request);
  host.faults().reportInternalError(true);
  CHECK(host.admin->await().dw0 == 0x0001'0300);
  host.logPage(spec::LogPageId::ErrorInformation, 64);
  CHECK(int{host.data.as<spec::ErrorLogEntry>().sqId} == 0xffff);
  host.admin->submit(request);
  host.faults().reportInternalError(false);
  CHECK(host.admin->await().dw0 == 0x0001'0400);
}
