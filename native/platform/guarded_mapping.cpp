#include "platform/guarded_mapping.h"

#include <sys/mman.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

namespace doorbell::platform {

/// One guarded mapping, as the signal handler finds it. Never freed: a handler may be looking.
struct GuardedMapping::Watch {
  std::atomic<std::uintptr_t> begin{0};  ///< 0: not in use
  std::atomic<std::size_t> bytes{0};
  std::atomic<std::uint8_t> fill{0};
  std::atomic<bool> broken{false};
  Watch* next = nullptr;
  Watch* nextFree = nullptr;
};

/// Every guarded mapping of the process, and the handler.
struct Watches {
  using Watch = GuardedMapping::Watch;

  static Watches& instance() {
    static auto* const watches = new Watches();
    return *watches;
  }

  Watch* add(std::byte* data, std::size_t bytes, std::uint8_t fill) noexcept {
    const std::lock_guard lock(mutex_);
    install();
    Watch* watch = free_;
    const bool fresh = watch == nullptr;
    if (fresh) watch = new (std::nothrow) Watch();
    if (watch == nullptr) return nullptr;
    if (!fresh) free_ = watch->nextFree;
    watch->bytes.store(bytes);
    watch->fill.store(fill);
    watch->broken.store(false);
    watch->begin.store(reinterpret_cast<std::uintptr_t>(data));
    if (fresh) {
      watch->next = head_.load();
      head_.store(watch);
    }
    return watch;
  }

  void drop(Watch* watch) noexcept {
    const std::lock_guard lock(mutex_);
    watch->begin.store(0);
    watch->nextFree = free_;
    free_ = watch;
  }

  static bool breakUp(Watch& watch) noexcept {
    watch.broken.store(true);
    return replace(reinterpret_cast<void*>(watch.begin.load()), watch.bytes.load(),
                   watch.fill.load());
  }

 private:
  /// Again at every use: others (SPDK, a debugger's runtime) may have put theirs over ours.
  void install() noexcept {
    struct sigaction now {};
    ::sigaction(SIGBUS, nullptr, &now);
    if ((now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == &onBusError) return;
    previous_ = now;
    struct sigaction ours {};
    ours.sa_sigaction = &onBusError;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    ::sigaction(SIGBUS, &ours, nullptr);
  }

  /// Async-signal-safe: system calls, and atomics that are never freed.
  static void onBusError(int number, siginfo_t* info, void* context) {
    const int saved = errno;
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    for (Watch* watch = instance().head_.load(); watch != nullptr; watch = watch->next) {
      const std::uintptr_t begin = watch->begin.load();
      const std::size_t bytes = watch->bytes.load();
      if (begin == 0 || address < begin || address - begin >= bytes) continue;
      if (!replace(reinterpret_cast<void*>(begin), bytes, watch->fill.load())) break;
      watch->broken.store(true);
      errno = saved;
      return;
    }
    instance().passOn(number, info, context);
  }

  static bool replace(void* begin, std::size_t bytes, std::uint8_t fill) noexcept {
    void* memory = ::mmap(begin, bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return false;
    if (fill != 0) std::memset(memory, fill, bytes);
    return true;
  }

  /// Not ours: what would have happened without us.
  void passOn(int number, siginfo_t* info, void* context) noexcept {
    if ((previous_.sa_flags & SA_SIGINFO) != 0 && previous_.sa_sigaction != nullptr) {
      previous_.sa_sigaction(number, info, context);
    } else if (previous_.sa_handler != SIG_DFL && previous_.sa_handler != SIG_IGN) {
      previous_.sa_handler(number);
    } else {
      // The access is repeated, and then ends the process as it always did.
      ::signal(SIGBUS, SIG_DFL);
    }
  }

  std::mutex mutex_;
  std::atomic<Watch*> head_{nullptr};
  Watch* free_ = nullptr;
  struct sigaction previous_ {};
};

GuardedMapping::GuardedMapping(int fd, std::uint64_t offset, std::size_t bytes,
                               std::uint8_t fill) noexcept {
  void* data =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (data == MAP_FAILED) return;
  watch_ = Watches::instance().add(static_cast<std::byte*>(data), bytes, fill);
  if (watch_ == nullptr) {
    ::munmap(data, bytes);
    errno = ENOMEM;
    return;
  }
  data_ = static_cast<std::byte*>(data);
  bytes_ = bytes;
}

GuardedMapping::GuardedMapping(GuardedMapping&& other) noexcept { *this = std::move(other); }

GuardedMapping& GuardedMapping::operator=(GuardedMapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  std::swap(watch_, other.watch_);
  return *this;
}

GuardedMapping::~GuardedMapping() {
  if (data_ == nullptr) return;
  ::munmap(data_, bytes_);
  Watches::instance().drop(watch_);
}

bool GuardedMapping::broken() const noexcept {
  return watch_ != nullptr && watch_->broken.load(std::memory_order_relaxed);
}

bool GuardedMapping::abandon() noexcept { return Watches::breakUp(*watch_); }

bool GuardedMapping::mend(int fd, std::uint64_t offset) noexcept {
  // Before the pages are back: what breaks from here on shows.
  watch_->broken.store(false);
  void* data = ::mmap(data_, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                      static_cast<off_t>(offset));
  if (data == MAP_FAILED) watch_->broken.store(true);
  return data != MAP_FAILED;
}

}  // namespace doorbell::platform
