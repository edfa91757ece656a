#pragma once

#include <cstdint>

#include "emulator/file_descriptor.h"
#include "emulator/mapped_region.h"
#include "emulator/ssd_options.h"

namespace doorbell::emulator {

/// The files behind an SSD that outlives the process: the medium as a plain image, and beside it
/// `<file>.doorbell`, which holds the lock, the PersistentState and the marks of uncorrectable
/// blocks.
struct MediaFile {
  FileDescriptor medium;
  FileDescriptor stateFile;  ///< its flock is what keeps a second process out
  MappedRegion state;
  MappedRegion marks;
  std::uint64_t bytes = 0;

  /// Throws Error{"BUSY"} naming the holder, Error{"BAD_ADDRESS"} when the files do not fit the
  /// options, Error{"NO_MEDIA"} when they cannot be opened.
  static MediaFile open(const SsdOptions& options);
};

}  // namespace doorbell::emulator
