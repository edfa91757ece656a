#include "emulator/media_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "emulator/block_format.h"
#include "emulator/media.h"
#include "emulator/persistent_state.h"
#include "platform/error.h"

namespace doorbell::emulator {

namespace {

[[noreturn]] void fail(const std::string& file, const char* step) {
  throw Error("NO_MEDIA",
              "cannot use " + file + " as media file: " + step + ": " + std::strerror(errno));
}

platform::FileDescriptor openFile(const std::string& file) {
  platform::FileDescriptor fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (fd.get() < 0) fail(file, "open");
  return fd;
}

std::uint64_t sizeOf(const platform::FileDescriptor& fd, const std::string& file) {
  struct stat about {};
  if (::fstat(fd.get(), &about) != 0) fail(file, "stat");
  return static_cast<std::uint64_t>(about.st_size);
}

void grow(const platform::FileDescriptor& fd, const std::string& file, std::uint64_t bytes) {
  if (sizeOf(fd, file) < bytes && ::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0) {
    fail(file, "resize");
  }
}

void reserve(const platform::FileDescriptor& fd, const std::string& file, std::uint64_t from,
             std::uint64_t bytes) {
  if (::fallocate(fd.get(), 0, static_cast<off_t>(from), static_cast<off_t>(bytes)) != 0 &&
      errno != EOPNOTSUPP) {
    fail(file, "reserve room");
  }
}

/// Grown and with its room on the disk: a full disk is said now, not by a SIGBUS later.
void growWhole(const platform::FileDescriptor& fd, const std::string& file, std::uint64_t bytes) {
  grow(fd, file, bytes);
  reserve(fd, file, 0, bytes);
}

void lock(const platform::FileDescriptor& fd, const SsdOptions& options) {
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return;
  if (errno != EWOULDBLOCK) fail(options.mediaFile, "lock");
  PersistentState held;
  const bool known = ::pread(fd.get(), &held, sizeof(held), 0) == sizeof(held) &&
                     held.magic == PersistentState::kMagic;
  throw Error("BUSY", options.mediaFile + " is in use by process " +
                          (known ? std::to_string(held.holder) : std::string("(unknown)")) +
                          "; end it or choose another media file");
}

constexpr std::uint64_t pages(std::uint64_t bytes) { return (bytes + 4095) / 4096 * 4096; }

void refuse(const SsdOptions& options, const std::string& fact) {
  throw Error("BAD_ADDRESS",
              options.mediaFile + " " + fact + "; leave the option out or use another file");
}

void refuseOtherNamespaces(const PersistentState& state, const SsdOptions& options) {
  if (options.namespaces != 0 && options.namespaces != state.made) {
    refuse(options, "was made with namespaces=" + std::to_string(state.made));
  }
  for (std::uint32_t i = 0; !options.formats.empty() && i < state.made; ++i) {
    if (options.formatOf(i) == state.madeFormats[i]) continue;
    refuse(options, "was made with another lbaSize: namespace " + std::to_string(i + 1) + " had " +
                        nameOf(state.madeFormats[i]));
  }
}

/// The state file's header, made at first use and compared with the options from then on.
void settle(PersistentState& kept, const SsdOptions& options, std::uint64_t imageBytes) {
  PersistentState state = kept;  // refused options leave no trace
  if (state.magic == 0) {
    state = PersistentState{};
    const std::uint64_t found = imageBytes != 0 ? imageBytes : SsdOptions::kDefaultBytes;
    state.bytes = options.bytes != 0 ? options.bytes : found;
  }
  if (state.magic != PersistentState::kMagic || state.version != PersistentState::kVersion) {
    throw Error("BAD_ADDRESS", options.mediaFile +
                                   ".doorbell was not written by this version; delete it to start "
                                   "with fresh counters");
  }
  if (state.bytes % Media::kGranule != 0) {
    refuse(options, "has " + std::to_string(state.bytes) + " bytes, which is no multiple of 4096");
  }
  if (options.bytes != 0 && options.bytes != state.bytes) {
    refuse(options, "was made with " + std::to_string(state.bytes) + " bytes");
  }
  if (state.made != 0) refuseOtherNamespaces(state, options);
  kept = state;
}

}  // namespace

MediaFile MediaFile::open(const SsdOptions& options) {
  const std::string stateName = options.mediaFile + ".doorbell";
  MediaFile file;
  file.stateFile = openFile(stateName);
  lock(file.stateFile, options);
  file.medium = openFile(options.mediaFile);
  growWhole(file.stateFile, stateName, PersistentState::bytesOfAll());
  file.state = MappedRegion::ofFile(file.stateFile.get(), 0, PersistentState::bytesOfAll());
  auto& state = *reinterpret_cast<PersistentState*>(file.state.data());
  settle(state, options, sizeOf(file.medium, options.mediaFile));
  state.holder = ::getpid();
  file.bytes = state.bytes;
  file.name = options.mediaFile;
  return file;
}

MediaParts MediaFile::partsOf(std::uint32_t nsid, std::uint64_t size) const {
  if (bytes == 0) return {.bytes = size};
  const std::uint64_t granules = bytes / Media::kGranule;
  const std::uint64_t marks = pages(granules);
  const std::uint64_t beside = 2 * marks + pages(granules * Media::kMetadata);
  MediaParts parts;
  parts.fd = medium.get();
  parts.offset = (nsid - 1) * bytes;
  parts.bytes = size;
  parts.stateFd = stateFile.get();
  parts.marksAt = PersistentState::bytesOfAll() + (nsid - 1) * beside;
  parts.holesAt = parts.marksAt + marks;
  parts.metadataAt = parts.holesAt + marks;
  const std::uint64_t used = size / Media::kGranule;
  grow(medium, name, parts.offset + size);
  grow(stateFile, name + ".doorbell", parts.metadataAt + pages(used * Media::kMetadata));
  reserve(stateFile, name + ".doorbell", parts.marksAt, used);
  reserve(stateFile, name + ".doorbell", parts.holesAt, used);
  return parts;
}

}  // namespace doorbell::emulator
