// The watchdog ends a real child process; its parent is played by this test.
#include <doctest/doctest.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "driver/registry.h"
#include "driver/watchdog.h"
#include "support/rig.h"

using namespace doorbell;
using namespace doorbell::driver;
using namespace doorbell::test;

namespace {

/// A driver host that never returns to its event loop: device open, ioworker busy, main thread in a
/// loop.
[[noreturn]] void beHost(int channel, bool busy) {
  startWatchdog(channel);
  const auto controller = Registry::instance().open("emulated");
  controller->initialize({});
  std::shared_ptr<IoWorker> worker;
  if (busy) worker = controller->startIoWorker({.regionEnd = 10'000, .timeMs = 600'000});
  (void)write(channel, "r", 1);
  while (true) pause();
}

bool readable(int fd, int ms) {
  pollfd entry{fd, POLLIN, 0};
  return poll(&entry, 1, ms) == 1;
}

/// The child's exit status within `ms`, -1 when it still runs.
int exitStatus(pid_t child, int ms) {
  for (int i = 0; i < ms; ++i) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child)
      return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return -1;
}

}  // namespace

TEST_CASE("A hang-up on the channel ends the host within two seconds, busy or idle") {
  for (const bool busy : {false, true}) {
    int channel[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, channel) == 0);
    const pid_t child = fork();
    if (child == 0) {
      close(channel[0]);
      beHost(channel[1], busy);
    }
    close(channel[1]);
    char ready = 0;
    REQUIRE(readable(channel[0], 10'000));
    REQUIRE(read(channel[0], &ready, 1) == 1);
    CHECK(exitStatus(child, 50) == -1);
    close(channel[0]);
    CHECK(exitStatus(child, 2500) == kOrphanExitCode);
    kill(child, SIGKILL);
  }
}

TEST_CASE("The parent's death ends the host even when somebody else holds the channel open") {
  int channel[2];
  int pids[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, channel) == 0);
  REQUIRE(pipe(pids) == 0);
  const pid_t parent = fork();
  if (parent == 0) {
    const pid_t host = fork();
    if (host == 0) beHost(channel[1], false);
    (void)write(pids[1], &host, sizeof(host));
    while (true) pause();
  }
  pid_t host = 0;
  REQUIRE(read(pids[0], &host, sizeof(host)) == sizeof(host));
  char ready = 0;
  REQUIRE(readable(channel[0], 10'000));
  REQUIRE(read(channel[0], &ready, 1) == 1);
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  // Not our child: it is gone when its end of the channel is (we hold the other copy closed).
  close(channel[1]);
  CHECK(readable(channel[0], 2500));
  CHECK(read(channel[0], &ready, 1) == 0);
  kill(host, SIGKILL);
}

TEST_CASE("A file descriptor that is none is refused; so is a second watchdog") {
  CHECK(codeOf([] { startWatchdog(9999); }) == "BAD_FD");
  const pid_t child = fork();
  if (child == 0) {
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, channel) != 0) _exit(2);
    startWatchdog(channel[0]);
    _exit(codeOf([&] { startWatchdog(channel[0]); }) == "ALREADY_STARTED" ? 0 : 1);
  }
  CHECK(exitStatus(child, 5000) == 0);
}
