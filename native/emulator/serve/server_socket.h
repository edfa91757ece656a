#pragma once

#include <string>

#include "platform/file_descriptor.h"

namespace doorbell::emulator {

/// A listening UNIX socket that only this user can reach: mode 0600 in a folder of mode 0700, which
/// is made when it is missing. What a server that died left behind is replaced; unlinked at the
/// end.
class ServerSocket {
 public:
  /// Throws Error{"BAD_SOCKET"} naming what is wrong with the path, Error{"BUSY"} naming who serves
  /// there already.
  explicit ServerSocket(const std::string& path);
  ~ServerSocket();
  ServerSocket(const ServerSocket&) = delete;
  ServerSocket& operator=(const ServerSocket&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// The next client of this user, nothing when there is none. Others are turned away.
  [[nodiscard]] platform::FileDescriptor accept() const noexcept;

 private:
  std::string path_;
  platform::FileDescriptor fd_;
};

}  // namespace doorbell::emulator
