#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "emulator/serve/server_socket.h"
#include "emulator/serve/session.h"
#include "platform/emulated/emulated_function.h"

namespace doorbell::emulator {

struct ServeOptions {
  std::string socket;
  std::string address = "emulated";  ///< of the SSD
  /// Clients may store into the doorbells directly; otherwise every ring is a message.
  bool mapDoorbells = true;
};

/// Serves the emulated SSD to vfio-user clients, one at a time: another that comes meanwhile is
/// told that it is busy. One thread; everything ends with this.
class Server {
 public:
  /// Throws what ServerSocket and platform::openEmulated throw; Error{"BUSY"} when the SSD is open
  /// in this process.
  explicit Server(const ServeOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint64_t clients() const noexcept { return clients_.load(); }  ///< so far
  [[nodiscard]] bool connected() const noexcept { return connected_.load(); }

 private:
  struct Waiting {
    std::unique_ptr<platform::vfio_user::MessageSocket> socket;
    std::chrono::steady_clock::time_point until;
  };

  void loop() noexcept;
  void step();
  void welcome();
  /// Tells those who came while another is served.
  void turnAway();

  const bool mapDoorbells_;
  std::shared_ptr<platform::EmulatedFunction> ssd_;
  ServerSocket socket_;
  platform::FileDescriptor wake_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> connected_{false};
  std::atomic<std::uint64_t> clients_{0};
  std::unique_ptr<Session> session_;
  std::vector<Waiting> waiting_;
  std::thread thread_;
};

}  // namespace doorbell::emulator
