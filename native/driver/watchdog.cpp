#include "driver/watchdog.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <future>
#include <string>
#include <thread>

#include "driver/registry.h"
#include "platform/error.h"

namespace doorbell::driver {
namespace {

constexpr auto kQuiesceBudget = std::chrono::milliseconds(2000);

/// A signal handler can only reach a static: the eventfd it wakes the watchdog with.
std::atomic<int> parentDiedFd{-1};

int parentDeathSignal() { return SIGRTMIN + 5; }

void onParentDeath(int /*signal*/) {
  const int saved = errno;
  const std::uint64_t one = 1;
  // The counter cannot be full: the watchdog ends the process at the first.
  const auto written = write(parentDiedFd.load(), &one, sizeof(one));
  (void)written;
  errno = saved;
}

[[noreturn]] void endProcess() {
  std::promise<void> done;
  const auto quiet = done.get_future();
  // In a thread of its own: whatever hangs there, this process ends.
  std::thread([&done] {
    Registry::instance().quiesceAll(kQuiesceBudget);
    done.set_value();
  }).detach();
  quiet.wait_for(kQuiesceBudget);
  _exit(kOrphanExitCode);
}

void watch(int fd, int wakeFd, pid_t parent) {
  // Delivered to this process when the parent's creating thread ends: hence the look at the parent
  // below.
  prctl(PR_SET_PDEATHSIG, parentDeathSignal());
  while (getppid() == parent) {
    pollfd fds[] = {{fd, POLLRDHUP, 0}, {wakeFd, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    if ((fds[0].revents & (POLLHUP | POLLRDHUP | POLLERR | POLLNVAL)) != 0) break;
    std::uint64_t count = 0;
    if ((fds[1].revents & POLLIN) != 0 && read(wakeFd, &count, sizeof(count)) < 0) break;
  }
  endProcess();
}

}  // namespace

void startWatchdog(int fd) {
  const int wakeFd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int none = -1;
  if (!parentDiedFd.compare_exchange_strong(none, wakeFd)) {
    close(wakeFd);
    throw Error("ALREADY_STARTED", "the watchdog runs already");
  }
  const int watched = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (watched < 0) {
    parentDiedFd.store(-1);
    close(wakeFd);
    throw Error("BAD_FD", "the watchdog cannot watch file descriptor " + std::to_string(fd) + ": " +
                              std::strerror(errno));
  }
  struct sigaction action {};
  action.sa_handler = onParentDeath;
  action.sa_flags = SA_RESTART;
  sigaction(parentDeathSignal(), &action, nullptr);
  std::thread(watch, watched, wakeFd, getppid()).detach();
}

}  // namespace doorbell::driver
