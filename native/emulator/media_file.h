#pragma once

#include <cstdint>
#include <string>

#include "emulator/mapped_region.h"
#include "emulator/media.h"
#include "emulator/ssd_options.h"
#include "platform/file_descriptor.h"

namespace doorbell::emulator {

/// The files behind an SSD that outlives the process: the media of all namespaces in one sparse
/// image, each at its place (the first at its beginning: a plain image of its blocks), and beside
/// it
/// `<file>.doorbell`, which holds the lock, the PersistentState, marks and metadata.
struct MediaFile {
  platform::FileDescriptor medium;
  platform::FileDescriptor stateFile;  ///< its flock is what keeps a second process out
  MappedRegion state;
  std::uint64_t bytes = 0;  ///< total NVM capacity; 0: there is no file
  std::string name;

  /// Throws Error{"BUSY"} naming the holder, Error{"BAD_ADDRESS"} when the files do not fit the
  /// options, Error{"NO_MEDIA"} when they cannot be opened.
  static MediaFile open(const SsdOptions& options);

  /// Where a namespace of `size` bytes is, with the files grown to hold it. Memory when there is
  /// no file. Throws Error{"NO_MEDIA"}.
  [[nodiscard]] MediaParts partsOf(std::uint32_t nsid, std::uint64_t size) const;
};

}  // namespace doorbell::emulator
