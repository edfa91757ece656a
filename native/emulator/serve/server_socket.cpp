#include "emulator/serve/server_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "platform/error.h"

namespace doorbell::emulator {

namespace {

using platform::FileDescriptor;

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw Error("BAD_SOCKET", "cannot serve at " + path + ": " + reason);
}

[[noreturn]] void fail(const std::string& path, const char* step) {
  refuse(path, std::string(step) + ": " + std::strerror(errno));
}

sockaddr_un addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    refuse(path, "the path of a socket has 1 to " + std::to_string(sizeof(address.sun_path) - 1) +
                     " bytes");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

/// The folder, made if it is missing, and found to be nobody else's.
FileDescriptor privateFolder(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail(path, "making its folder");
  FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat about {};
  if (!fd || ::fstat(fd.get(), &about) != 0) fail(path, "opening its folder");
  if (about.st_uid != ::geteuid() || (about.st_mode & 0077) != 0) {
    refuse(path, "others can enter " + folder +
                     "; choose a folder that is yours alone (mode 0700): one that does not exist "
                     "is made so");
  }
  return fd;
}

FileDescriptor streamSocket(const std::string& path) {
  FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) fail(path, "socket");
  return fd;
}

std::optional<ucred> peerOf(int fd) noexcept {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer;
}

/// Removes the socket of a server that is gone.
void clearLeftover(const std::string& path, const sockaddr_un& address) {
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0) return;
  if (!S_ISSOCK(about.st_mode)) refuse(path, "there is a file of that name, which is no socket");
  const FileDescriptor probe = streamSocket(path);
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(probe.get(), name, sizeof(address)) == 0 || errno == EAGAIN) {
    const auto peer = peerOf(probe.get());
    std::string message = path;
    message += " is served already, by process ";
    message += peer ? std::to_string(peer->pid) : "?";
    message += ": end it first, or choose another path";
    throw Error("BUSY", message);
  }
  ::unlink(path.c_str());
}

}  // namespace

ServerSocket::ServerSocket(const std::string& path) : path_(path) {
  const sockaddr_un address = addressOf(path);
  const FileDescriptor folder = privateFolder(path);
  // Two that begin at once: one of them finds the other's socket.
  ::flock(folder.get(), LOCK_EX);
  clearLeftover(path, address);
  FileDescriptor fd = streamSocket(path);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    fail(path, "bind");
  }
  fd_ = std::move(fd);
  if (::chmod(path.c_str(), 0600) != 0 || ::listen(fd_.get(), 8) != 0) {
    const int reason = errno;
    ::unlink(path.c_str());
    errno = reason;
    fail(path, "listen");
  }
}

ServerSocket::~ServerSocket() { ::unlink(path_.c_str()); }

FileDescriptor ServerSocket::accept() const noexcept {
  FileDescriptor client(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!client) return {};
  const auto peer = peerOf(client.get());
  if (!peer || peer->uid != ::geteuid()) return {};
  return client;
}

}  // namespace doorbell::emulator
