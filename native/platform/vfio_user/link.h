#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "platform/error.h"
#include "platform/vfio_user/message_socket.h"

namespace doorbell::platform::vfio_user {

/// A client's connection to a vfio-user server: commands with their replies, from any thread, each
/// within a bounded time; and the news that the server is gone. One thread reads.
class Link {
 public:
  /// Connects and negotiates the version. Throws Error{"CONNECT_FAILED"} saying what to do,
  /// Error{"BUSY"} when the server has another client.
  Link(const std::string& socket, std::function<void()> onEnd);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// A command's reply. Throws Error{"REMOVED"} once the server is gone, and Error{"VFIO_USER"}
  /// with its errno when it refuses; `what` says what was wanted.
  Message call(Command command, const char* what, std::span<const std::byte> payload,
               std::span<const int> fds = {});
  template <class T>
  T ask(Command command, const char* what, const T& request) {
    const auto answer = call(command, what, bytesOf(request)).template head<T>();
    if (answer) return *answer;
    throw malformed(what);
  }
  /// A command nobody answers. False when the server is gone.
  bool tell(Command command, std::span<const iovec> parts) noexcept;

  /// From now on everything fails; the server is told by the end of the connection.
  void hangUp() noexcept;
  /// After hangUp(): returns once nobody calls `onEnd` any more.
  void join() noexcept;
  [[nodiscard]] bool ended() const noexcept { return ended_.load(std::memory_order_relaxed); }
  /// Descriptors one message may carry.
  [[nodiscard]] unsigned maxFds() const noexcept { return maxFds_; }
  [[nodiscard]] Error malformed(const char* what) const;

 private:
  struct Pending {
    std::optional<Message> reply;
  };

  void negotiate();
  void read();
  /// Delivers what was read; false at the end of the connection.
  [[nodiscard]] bool deliver();
  void end() noexcept;

  const std::string path_;
  const std::function<void()> onEnd_;
  MessageSocket socket_;
  unsigned maxFds_ = 1;
  std::mutex sendMutex_;
  std::mutex mutex_;
  std::condition_variable replied_;
  std::map<std::uint16_t, Pending> pending_;  ///< by message id
  std::uint16_t nextId_ = 0;
  std::atomic<bool> ended_{false};
  std::atomic<bool> closing_{false};
  std::thread reader_;
};

}  // namespace doorbell::platform::vfio_user
