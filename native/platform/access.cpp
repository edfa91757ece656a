#include "platform/access.h"

#include <string>

#include "platform/error.h"

namespace doorbell::platform {

void checkAccess(std::uint64_t offset, unsigned width, std::uint64_t bytes, const char* space) {
  if (offset % width == 0 && offset < bytes && width <= bytes - offset) return;
  throw Error("OUT_OF_RANGE", "offset " + std::to_string(offset) + " of " + std::to_string(width) +
                                  " bytes is not naturally aligned or not within the " +
                                  std::to_string(bytes) + " bytes of " + space);
}

void checkConfigAccess(std::uint32_t offset, unsigned width) {
  if (width != 1 && width != 2 && width != 4) {
    throw Error("OUT_OF_RANGE", "configuration space is accessed with 1, 2 or 4 bytes, not " +
                                    std::to_string(width));
  }
  checkAccess(offset, width, kConfigBytes, "configuration space");
}

}  // namespace doorbell::platform
