#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "platform/file_descriptor.h"
#include "platform/vfio_user/protocol.h"

namespace doorbell::platform::vfio_user {

/// A message that was received whole: nothing of it is trusted.
struct Message {
  Header header;
  std::vector<std::byte> payload;
  std::vector<FileDescriptor> fds;

  /// The structure its payload begins with; nullopt when it is too short.
  template <class T>
  [[nodiscard]] std::optional<T> head() const noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    if (payload.size() < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, payload.data(), sizeof(T));
    return value;
  }
  /// What follows it.
  [[nodiscard]] std::span<const std::byte> after(std::size_t bytes) const noexcept {
    return std::span(payload).subspan(bytes < payload.size() ? bytes : payload.size());
  }
};

template <class T>
std::span<const std::byte> bytesOf(const T& value) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  return std::as_bytes(std::span(&value, 1));
}

template <class T>
void append(std::vector<std::byte>& payload, const T& value) {
  const auto bytes = bytesOf(value);
  payload.insert(payload.end(), bytes.begin(), bytes.end());
}

/// One end of a vfio-user connection. Reading is for one thread, sending for one at a time.
class MessageSocket {
 public:
  enum class Received : std::uint8_t { Nothing, Message, Ended };

  explicit MessageSocket(FileDescriptor socket);
  [[nodiscard]] int fd() const noexcept { return socket_.get(); }

  /// Takes what has arrived, without waiting: `Message` when message() is whole. `Ended` when the
  /// other side is gone, or speaks no vfio-user.
  Received receive();
  [[nodiscard]] Message& message() noexcept { return message_; }

  /// False when the other side is gone, or reads nothing for some seconds.
  bool send(Header header, std::span<const iovec> parts, std::span<const int> fds = {}) noexcept;
  bool send(const Header& header, std::span<const std::byte> payload,
            std::span<const int> fds = {}) noexcept;

 private:
  [[nodiscard]] long take(std::byte* into, std::size_t bytes);
  void begin();

  FileDescriptor socket_;
  Message message_;
  std::size_t have_ = 0;  ///< bytes of the message
  bool whole_ = true;     ///< message_ was handed out
};

}  // namespace doorbell::platform::vfio_user
