#pragma once

namespace doorbell::driver {

/// Exit code of a driver host whose parent went away.
inline constexpr int kOrphanExitCode = 86;

/// Starts a native thread that ends this process when its parent is gone: `fd` (kept by a
/// duplicate) hangs up, or the parent process dies (PR_SET_PDEATHSIG). It quiesces every controller
/// (<= 2 s) and calls _exit, whatever JavaScript is doing. Once per process: a second call throws
/// Error{"ALREADY_STARTED"}; a bad fd, Error{"BAD_FD"}.
void startWatchdog(int fd);

}  // namespace doorbell::driver
