#pragma once

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <functional>
#include <string>

namespace doorbell::test {

/// Puts a tmpfs of `size` on `folder`, seen by this process only. False where that is not allowed.
inline bool mountSmallDisk(const std::string& folder, const char* size) {
  const uid_t user = ::getuid();
  if (::unshare(CLONE_NEWNS) != 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    const std::string map = "0 " + std::to_string(user) + " 1";
    const int fd = ::open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool mapped = ::write(fd, map.data(), map.size()) == static_cast<ssize_t>(map.size());
    ::close(fd);
    if (!mapped) return false;
  }
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return ::mount("none", folder.c_str(), "tmpfs", 0, size) == 0;
}

/// True when `action`, in a process of its own with a small disk on `folder`, returns true; also,
/// with a message, where no disk may be mounted.
inline bool holdsOnSmallDisk(const std::string& folder, const char* size,
                             const std::function<bool()>& action) {
  constexpr int kNotAllowed = 77;
  const pid_t child = ::fork();
  if (child == 0) {
    if (!mountSmallDisk(folder, size)) ::_exit(kNotAllowed);
    try {
      ::_exit(action() ? 0 : 1);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "on a small disk: %s\n", error.what());
      ::_exit(2);
    }
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return false;
  if (WEXITSTATUS(status) != kNotAllowed) return WEXITSTATUS(status) == 0;
  MESSAGE("not checked: no disk may be mounted here");
  return true;
}

}  // namespace doorbell::test
