#include "platform/vfio_user/link.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>

#include "platform/error.h"

namespace doorbell::platform::vfio_user {

namespace {

constexpr auto kReply = std::chrono::seconds(10);
constexpr std::string_view kCapabilities =
    R"({"capabilities":{"max_msg_fds":8,"max_data_xfer_size":1048576}})";

[[noreturn]] void failToConnect(const std::string& path, const std::string& reason) {
  throw Error("CONNECT_FAILED", "cannot reach a vfio-user server at \"" + path + "\": " + reason);
}

FileDescriptor connectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    failToConnect(path, "the path of a socket has 1 to 107 bytes");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  if (fd && ::connect(fd.get(), name, sizeof(address)) == 0) return fd;
  switch (errno) {
    case ENOENT:
      failToConnect(path, "there is no such socket; start one: doorbell serve --socket " + path);
    case ECONNREFUSED:
      failToConnect(path, "nobody serves it any more; start one: doorbell serve --socket " + path);
    case EAGAIN:
      throw Error("BUSY", "the vfio-user server at \"" + path +
                              "\" accepts no further client: close the others first");
    default:
      failToConnect(path, std::strerror(errno));
  }
}

/// The number behind a name in flat JSON; nothing more of it is needed.
std::optional<unsigned> numberIn(std::string_view json, std::string_view name) {
  const auto at = json.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  json.remove_prefix(at + name.size());
  const auto digit = json.find_first_of("0123456789");
  if (digit == std::string_view::npos) return std::nullopt;
  unsigned value = 0;
  if (std::from_chars(json.data() + digit, json.data() + json.size(), value).ec != std::errc()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

Link::Link(const std::string& socket, std::function<void()> onEnd)
    : path_(socket), onEnd_(std::move(onEnd)), socket_(connectTo(socket)) {
  reader_ = std::thread([this] { read(); });
  ::pthread_setname_np(reader_.native_handle(), "vfio-user");
  try {
    negotiate();
  } catch (...) {
    hangUp();
    join();
    throw;
  }
}

Link::~Link() {
  hangUp();
  join();
}

void Link::join() noexcept {
  if (!reader_.joinable()) return;
  if (reader_.get_id() == std::this_thread::get_id()) {
    reader_.detach();  // the last owner let go when it was told of the end
  } else {
    reader_.join();
  }
}

void Link::hangUp() noexcept {
  closing_.store(true);
  ::shutdown(socket_.fd(), SHUT_RDWR);
}

void Link::negotiate() {
  const Version version;
  std::vector<std::byte> payload;
  const auto fields = bytesOf(version);
  payload.assign(fields.begin(), fields.end());
  const auto text = std::as_bytes(std::span(kCapabilities.data(), kCapabilities.size() + 1));
  payload.insert(payload.end(), text.begin(), text.end());
  const Message reply = call(Command::Version, "agreeing on the version", payload);
  const auto theirs = reply.head<Version>();
  if (!theirs || theirs->major != 0) {
    failToConnect(path_, "it speaks another version of the protocol");
  }
  const auto rest = reply.after(sizeof(Version));
  const std::string_view json(reinterpret_cast<const char*>(rest.data()), rest.size());
  maxFds_ = std::clamp(numberIn(json, "\"max_msg_fds\"").value_or(1), 1U, kMaxFds);
}

Message Link::call(Command command, const char* what, std::span<const std::byte> payload,
                   std::span<const int> fds) {
  const auto gone = [&] {
    return Error("REMOVED", path_ + ": the vfio-user server is gone (" + what + ")");
  };
  std::uint16_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) throw gone();
    do id = nextId_++;
    while (pending_.contains(id));
    pending_[id] = {};
  }
  const Header header{.id = id, .command = static_cast<std::uint16_t>(command)};
  bool sent = false;
  {
    const std::lock_guard sending(sendMutex_);
    sent = socket_.send(header, payload, fds);
  }
  if (!sent) hangUp();  // in the middle of a message there is no other way out
  std::unique_lock lock(mutex_);
  const bool told = replied_.wait_for(
      lock, kReply, [&] { return ended_.load() || pending_[id].reply.has_value(); });
  auto node = pending_.extract(id);
  if (!node.mapped().reply) {
    if (told) throw gone();
    lock.unlock();
    hangUp();
    throw Error("TIMEOUT", path_ + ": the vfio-user server did not answer within 10 s (" + what +
                               "); it was given up");
  }
  Message reply = std::move(*node.mapped().reply);
  if ((reply.header.flags & kError) == 0) return reply;
  const auto reason = static_cast<int>(reply.header.error);
  if (command == Command::Version && reason == EBUSY) {
    throw Error("BUSY", "the vfio-user server at \"" + path_ +
                            "\" serves another client: close that one first");
  }
  throw Error("VFIO_USER", path_ + ": the server refused " + what + ": " + std::strerror(reason));
}

bool Link::tell(Command command, std::span<const iovec> parts) noexcept {
  if (ended()) return false;
  const std::lock_guard sending(sendMutex_);
  const Header header{.command = static_cast<std::uint16_t>(command), .flags = kNoReply};
  if (socket_.send(header, parts)) return true;
  hangUp();
  return false;
}

void Link::read() {
  while (true) {
    pollfd polled{socket_.fd(), POLLIN, 0};
    if (::poll(&polled, 1, -1) < 0 && errno == EINTR) continue;
    if (!deliver()) break;
  }
  end();
}

bool Link::deliver() {
  using Received = MessageSocket::Received;
  Received received = Received::Nothing;
  while ((received = socket_.receive()) == Received::Message) {
    Message& message = socket_.message();
    if ((message.header.flags & kTypeMask) == kTypeCommand) {
      // A server that wants memory read for it: what it may read, it can map.
      const std::lock_guard sending(sendMutex_);
      const Header refusal{.id = message.header.id,
                           .command = message.header.command,
                           .flags = kTypeReply | kError,
                           .error = ENOTSUP};
      if (!socket_.send(refusal, std::span<const std::byte>())) return false;
      continue;
    }
    const std::lock_guard lock(mutex_);
    const auto waiting = pending_.find(message.header.id);
    // One that was given up, or never sent.
    if (waiting == pending_.end()) continue;
    waiting->second.reply = std::move(message);
    replied_.notify_all();
  }
  return received != Received::Ended;
}

void Link::end() noexcept {
  {
    const std::lock_guard lock(mutex_);
    ended_.store(true);
  }
  replied_.notify_all();
  if (closing_.load()) return;
  const auto tell = onEnd_;  // which may be the end of this
  tell();
}

Error Link::malformed(const char* what) const {
  return {"VFIO_USER", path_ + ": the server answered nothing usable to " + what};
}

}  // namespace doorbell::platform::vfio_user
