#include "platform/vfio_user/message_socket.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

namespace doorbell::platform::vfio_user {

namespace {

constexpr int kSendMs = 5000;

/// Waits until there is room to send; false when there is none in time.
bool awaitRoom(int fd, std::chrono::steady_clock::time_point until) noexcept {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
  if (left.count() <= 0) return false;
  pollfd polled{fd, POLLOUT, 0};
  return ::poll(&polled, 1, static_cast<int>(left.count())) > 0;
}

void attach(msghdr& message, std::span<const int> fds, std::span<std::byte> control) noexcept {
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(fds.size_bytes());
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(fds.size_bytes());
  std::memcpy(CMSG_DATA(part), fds.data(), fds.size_bytes());
}

/// Takes over every descriptor that came along: none leaks, whatever the message is.
void detach(msghdr& received, std::vector<FileDescriptor>& fds) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&received); part != nullptr;
       part = CMSG_NXTHDR(&received, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
      fds.emplace_back(fd);
    }
  }
}

}  // namespace

MessageSocket::MessageSocket(FileDescriptor socket) : socket_(std::move(socket)) {}

void MessageSocket::begin() {
  message_.header = {};
  message_.payload.clear();
  message_.fds.clear();
  have_ = 0;
  whole_ = false;
}

long MessageSocket::take(std::byte* into, std::size_t bytes) {
  iovec part{into, bytes};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(kMaxFdsTaken * sizeof(int))> control;
  msghdr received{};
  received.msg_iov = &part;
  received.msg_iovlen = 1;
  received.msg_control = control.data();
  received.msg_controllen = control.size();
  const long got = ::recvmsg(socket_.get(), &received, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got > 0) detach(received, message_.fds);
  return got;
}

MessageSocket::Received MessageSocket::receive() {
  if (whole_) begin();
  while (true) {
    const bool inHeader = have_ < sizeof(Header);
    const std::size_t total = inHeader ? sizeof(Header) : message_.header.size;
    if (have_ == total && !inHeader) break;
    std::byte* into = inHeader ? reinterpret_cast<std::byte*>(&message_.header) + have_
                               : message_.payload.data() + (have_ - sizeof(Header));
    const long got = take(into, total - have_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Received::Nothing;
    if (got <= 0 || message_.fds.size() > kMaxFdsTaken) return Received::Ended;
    have_ += static_cast<std::size_t>(got);
    if (!inHeader || have_ < sizeof(Header)) continue;
    const std::uint32_t size = message_.header.size;
    // Without a size that can be true, nobody knows where the next message begins.
    if (size < sizeof(Header) || size > kMaxMessage) return Received::Ended;
    message_.payload.resize(size - sizeof(Header));
  }
  whole_ = true;
  return Received::Message;
}

bool MessageSocket::send(Header header, std::span<const iovec> parts,
                         std::span<const int> fds) noexcept {
  std::array<iovec, 5> all{};
  std::size_t count = 1;
  std::size_t size = sizeof(header);
  for (const iovec& part : parts) {
    all[count++] = part;
    size += part.iov_len;
  }
  header.size = static_cast<std::uint32_t>(size);
  all[0] = {&header, sizeof(header)};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(kMaxFds * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = all.data();
  message.msg_iovlen = count;
  if (!fds.empty()) attach(message, fds, control);
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kSendMs);
  while (size > 0) {
    const long sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if ((errno != EAGAIN && errno != EWOULDBLOCK) || !awaitRoom(fd(), until)) return false;
      continue;
    }
    size -= static_cast<std::size_t>(sent);
    message.msg_control = nullptr;
    message.msg_controllen = 0;
    auto left = static_cast<std::size_t>(sent);
    for (iovec& part : all) {
      const std::size_t gone = left < part.iov_len ? left : part.iov_len;
      part.iov_base = static_cast<std::byte*>(part.iov_base) + gone;
      part.iov_len -= gone;
      left -= gone;
    }
  }
  return true;
}

bool MessageSocket::send(const Header& header, std::span<const std::byte> payload,
                         std::span<const int> fds) noexcept {
  const iovec part{const_cast<std::byte*>(payload.data()), payload.size()};
  return send(header, std::span(&part, 1), fds);
}

}  // namespace doorbell::platform::vfio_user
