// Which namespaces of a controller are verified.
#include "driver/controller_core.h"
#include "platform/error.h"
#include "spec/identify.h"

namespace doorbell::driver {
namespace {

void check(const VerifyOptions& options) {
  if (options.lbaBytes < 64 || options.lbaBytes > 65536)
    throw Error("OUT_OF_RANGE", "verification needs blocks of 64 to 65536 bytes");
  if (options.regionStart >= options.regionEnd) {
    throw Error("OUT_OF_RANGE", "verification: the region from LBA " +
                                    std::to_string(options.regionStart) + " to " +
                                    std::to_string(options.regionEnd) + " (not included) is empty");
  }
}

bool sameBlocks(const VerifyOptions& a, const VerifyOptions& b) {
  return a.lbaBytes == b.lbaBytes && a.metadataBytes == b.metadataBytes &&
         a.regionStart == b.regionStart && a.regionEnd == b.regionEnd && a.guarded == b.guarded &&
         a.zoneBlocks == b.zoneBlocks;
}

}  // namespace

void ControllerCore::setVerification(std::uint32_t nsid,
                                     const std::optional<VerifyOptions>& options) {
  if (options) check(*options);
  const std::scoped_lock lock(mutex_);
  if (!options) {
    verifiers_.erase(nsid);
  } else if (auto& known = verifiers_[nsid]; known && sameBlocks(known->options(), *options)) {
    known->setWriteCache(options->writeCache);  // what it knows stays known
  } else {
    known.reset();
    try {
      known = std::make_shared<Verifier>(*options);
    } catch (const Error&) {
      verifiers_.erase(nsid);
      throw;
    }
  }
  verifies_.store(!verifiers_.empty(), std::memory_order_relaxed);
}

void ControllerCore::findVerifiers(std::uint32_t nsid, Verifiers& into) const {
  const std::scoped_lock lock(mutex_);
  if (nsid == spec::kBroadcastNsid) {
    for (const auto& [number, verifier] : verifiers_) into.push_back(verifier);
  } else if (const auto found = verifiers_.find(nsid); found != verifiers_.end()) {
    into.push_back(found->second);
  }
}

}  // namespace doorbell::driver
