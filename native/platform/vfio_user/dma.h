#pragma once

#include <memory>

#include "platform/dma_domain.h"
#include "platform/vfio_user/link.h"

namespace doorbell::platform::vfio_user {

/// What the server can reach of this process.
std::shared_ptr<DmaDomain> makeDma(std::shared_ptr<Link> link);

}  // namespace doorbell::platform::vfio_user
