#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "emulator/device.h"
#include "emulator/serve/client_memory.h"
#include "platform/vfio_user/message_socket.h"

namespace doorbell::emulator {

/// One vfio-user client on the emulated SSD, from its first message to its last. Every message is
/// checked as a whole before it touches the device; one that makes no sense is answered with an
/// errno. When the session ends the device is as after a power on, its media untouched.
class Session {
 public:
  Session(Device& device, platform::FileDescriptor socket, bool mapDoorbells);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] int fd() const noexcept { return socket_.fd(); }
  /// Answers every message that has arrived. False when the client is gone or speaks no vfio-user.
  [[nodiscard]] bool serve();

 private:
  using Message = platform::vfio_user::Message;
  /// What a command answers: an errno, or a payload and descriptors.
  struct Reply {
    int error = 0;
    std::vector<std::byte> payload{};
    std::vector<int> fds{};
  };

  [[nodiscard]] bool answer(const Message& message);
  [[nodiscard]] Reply perform(const Message& message);
  [[nodiscard]] Reply negotiate(const Message& message);
  [[nodiscard]] Reply mapMemory(const Message& message);
  [[nodiscard]] Reply unmapMemory(const Message& message);
  [[nodiscard]] Reply deviceInfo(const Message& message) const;
  [[nodiscard]] Reply regionInfo(const Message& message) const;
  [[nodiscard]] Reply irqInfo(const Message& message) const;
  [[nodiscard]] Reply setIrqs(const Message& message);
  [[nodiscard]] Reply wireIrqs(const platform::vfio_user::IrqSet& set, const Message& message);
  [[nodiscard]] Reply regionRead(const Message& message);
  [[nodiscard]] Reply regionWrite(const Message& message);
  [[nodiscard]] unsigned irqCount(std::uint32_t index) const noexcept;
  [[nodiscard]] std::uint64_t regionBytes(std::uint32_t region) const noexcept;

  Device& device_;
  const bool mapDoorbells_;
  platform::vfio_user::MessageSocket socket_;
  ClientMemory memory_;
  bool negotiated_ = false;
};

}  // namespace doorbell::emulator
