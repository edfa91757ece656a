#include "emulator/serve/server.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "platform/emulated/open.h"
#include "platform/error.h"

namespace doorbell::emulator {

namespace {

using platform::vfio_user::MessageSocket;
using std::chrono::steady_clock;

constexpr std::size_t kMaxWaiting = 8;
constexpr auto kPatience = std::chrono::seconds(2);

void answerBusy(MessageSocket& socket) {
  using namespace platform::vfio_user;
  const Header& asked = socket.message().header;
  (void)socket.send(
      Header{
          .id = asked.id, .command = asked.command, .flags = kTypeReply | kError, .error = EBUSY},
      std::span<const std::byte>());
}

}  // namespace

Server::Server(const ServeOptions& options)
    : mapDoorbells_(options.mapDoorbells),
      ssd_(platform::openEmulatedAlone(options.address)),
      socket_(options.socket),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!wake_) throw Error("NO_RESOURCES", "cannot make an eventfd");
  thread_ = std::thread([this] { loop(); });
  ::pthread_setname_np(thread_.native_handle(), "vfio-user");
}

Server::~Server() {
  stopping_.store(true);
  const std::uint64_t one = 1;
  static_cast<void>(!::write(wake_.get(), &one, sizeof(one)));
  thread_.join();
}

void Server::loop() noexcept {
  while (!stopping_.load()) {
    try {
      step();
    } catch (const std::exception&) {
      // Out of memory or descriptors: this client cannot be served, others may.
      session_.reset();
      waiting_.clear();
    }
    connected_.store(session_ != nullptr);
  }
  session_.reset();
}

void Server::step() {
  std::vector<pollfd> polled{{wake_.get(), POLLIN, 0}, {socket_.fd(), POLLIN, 0}};
  if (session_) polled.push_back({session_->fd(), POLLIN, 0});
  for (const Waiting& one : waiting_) polled.push_back({one.socket->fd(), POLLIN, 0});
  const int timeoutMs = waiting_.empty() ? -1 : 100;
  if (::poll(polled.data(), polled.size(), timeoutMs) < 0) return;
  if ((polled[1].revents & POLLIN) != 0) welcome();
  if (session_ && polled.size() > 2 && polled[2].fd == session_->fd() && polled[2].revents != 0 &&
      !session_->serve()) {
    session_.reset();
  }
  turnAway();
}

void Server::welcome() {
  platform::FileDescriptor client = socket_.accept();
  if (!client) return;
  // One that hung up makes room at once, also when both show in the same look.
  if (session_ && !session_->serve()) session_.reset();
  if (!session_) {
    session_ = std::make_unique<Session>(ssd_->device(), std::move(client), mapDoorbells_);
    clients_.fetch_add(1);
    return;
  }
  if (waiting_.size() >= kMaxWaiting) return;
  waiting_.push_back(
      {std::make_unique<MessageSocket>(std::move(client)), steady_clock::now() + kPatience});
}

void Server::turnAway() {
  const auto now = steady_clock::now();
  std::erase_if(waiting_, [now](Waiting& one) {
    const auto received = one.socket->receive();
    if (received == MessageSocket::Received::Message) answerBusy(*one.socket);
    return received != MessageSocket::Received::Nothing || now > one.until;
  });
}

}  // namespace doorbell::emulator
