#pragma once

#include <napi.h>

/// One tag a class: an object of another class is refused instead of misread.
namespace doorbell::binding::tags {

inline constexpr napi_type_tag kDmaBuffer = {0x6d1f2b0c8a5e4f17, 0x9b3e6c02d4a7f851};
inline constexpr napi_type_tag kQpair = {0x2a94c7e15b0d4836, 0xa6f1d83c7e295b40};
inline constexpr napi_type_tag kController = {0xe83b5a6f01c94d72, 0x84c2f79e1d6a3b05};
inline constexpr napi_type_tag kFaultInjector = {0x7b92e0d45c1a4f83, 0x93d6b8a1f27e405c};
inline constexpr napi_type_tag kIoWorker = {0x517de0a93f864b2c, 0xb90a4e7c62d8f31d};
inline constexpr napi_type_tag kRawQueue = {0x0f6c2d8be1734a59, 0xc7a51e90342bd86f};
inline constexpr napi_type_tag kServer = {0x9d43c1f7206e4ab8, 0x8e5f27b16ca03d94};

}  // namespace doorbell::binding::tags
