#pragma once

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "emulator/serve/server.h"
#include "platform/vfio_user/function.h"
#include "platform/vfio_user/message_socket.h"
#include "test/support/test_host.h"

namespace doorbell::test {

/// A folder of this test alone, mode 0700.
class PrivateFolder {
 public:
  PrivateFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "doorbell-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~PrivateFolder() { std::filesystem::remove_all(path_); }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// An emulated SSD served at a socket.
struct Served {
  explicit Served(bool mapDoorbells = true, const std::string& options = "size=64M")
      : server(std::make_unique<emulator::Server>(
            emulator::ServeOptions{.socket = folder.file("ssd.sock"),
                                   .address = freshAddress(options),
                                   .mapDoorbells = mapDoorbells})) {}
  [[nodiscard]] std::string socket() const { return folder.file("ssd.sock"); }
  [[nodiscard]] std::string address() const { return "vfio-user:" + socket(); }
  [[nodiscard]] std::shared_ptr<platform::PciFunction> open() const {
    return platform::vfio_user::openVfioUser(address());
  }
  /// What a client needs at the least: if this works, the server is well.
  [[nodiscard]] bool works() const {
    TestHost host(open());
    host.openIo();
    return host.write(3, 1, 0x5a).status() == 0 && host.readFill(3) == 0x5a;
  }

  PrivateFolder folder;
  std::unique_ptr<emulator::Server> server;
};

/// A client of a test's own making, which may say anything.
class RawClient {
 public:
  using Message = platform::vfio_user::Message;
  using Command = platform::vfio_user::Command;

  explicit RawClient(const std::string& path, bool negotiated = true) : socket_(connected(path)) {
    if (negotiated) (void)call(Command::Version, platform::vfio_user::Version{});
  }
  [[nodiscard]] int fd() const { return socket_.fd(); }

  void sendRaw(const void* bytes, std::size_t count) const {
    static_cast<void>(!::send(fd(), bytes, count, MSG_NOSIGNAL));
  }
  bool send(Command command, std::span<const std::byte> payload, std::span<const int> fds = {}) {
    return socket_.send({.id = ++id_, .command = static_cast<std::uint16_t>(command)}, payload,
                        fds);
  }
  /// The errno of the answer, 0 for success, -1 when the connection ended.
  int call(Command command, std::span<const std::byte> payload, std::span<const int> fds = {}) {
    if (!send(command, payload, fds) || !receive()) return -1;
    const auto& header = socket_.message().header;
    return (header.flags & platform::vfio_user::kError) != 0 ? static_cast<int>(header.error) : 0;
  }
  template <class T>
  int call(Command command, const T& request,
           std::span<const int> fds = {}) requires std::is_trivially_copyable_v<T> &&
      (!std::is_convertible_v<T, std::span<const std::byte>>) {
    return call(command, platform::vfio_user::bytesOf(request), fds);
  }
  /// Waits for a message; false when the connection ended.
  bool receive() { return receiveWithin(std::chrono::seconds(5)); }
  bool receiveWithin(std::chrono::milliseconds time) {
    using Received = platform::vfio_user::MessageSocket::Received;
    const auto until = std::chrono::steady_clock::now() + time;
    Received received = socket_.receive();
    while (received == Received::Nothing && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
      received = socket_.receive();
    }
    return received == Received::Message;
  }
  [[nodiscard]] const Message& answer() { return socket_.message(); }

 private:
  static platform::FileDescriptor connected(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    platform::FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      throw std::runtime_error("connect");
    }
    return fd;
  }
  platform::vfio_user::MessageSocket socket_;
  std::uint16_t id_ = 0;
};

/// Memory to offer for DMA.
inline platform::FileDescriptor memoryFile(std::uint64_t bytes) {
  platform::FileDescriptor fd(::memfd_create("test", MFD_CLOEXEC));
  static_cast<void>(!::ftruncate(fd.get(), static_cast<off_t>(bytes)));
  return fd;
}

inline platform::vfio_user::DmaMap dmaMap(std::uint64_t address, std::uint64_t size) {
  return {.argsz = sizeof(platform::vfio_user::DmaMap),
          .flags = platform::vfio_user::kDmaRead | platform::vfio_user::kDmaWrite,
          .address = address,
          .size = size};
}

}  // namespace doorbell::test
