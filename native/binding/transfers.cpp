#include "binding/transfers.h"

#include <cstring>
#include <string>

#include "binding/arguments.h"
#include "binding/controller_options.h"
#include "binding/dma_buffer_object.h"

namespace doorbell::binding {

namespace {

driver::MemoryPiece pieceFrom(const Napi::Value& value, const char* name) {
  const auto given = object(value, name);
  driver::MemoryPiece piece;
  piece.length = integer32(given.Get("length"), "length");
  const auto buffer = given.Get("buffer");
  if (buffer.IsUndefined()) return piece;
  piece.buffer = DmaBufferObject::from(buffer, "buffer").buffer();
  piece.offset = integer32(given.Get("offset"), "offset");
  return piece;
}

}  // namespace

std::span<std::byte> sqeBytes(const Napi::Value& value, const char* name) {
  const auto given = bytes(value, name);
  if (given.size() != sizeof(spec::Sqe))
    throw Napi::RangeError::New(value.Env(), std::string(name) + " must be 64 bytes");
  return given;
}

spec::Sqe sqeFrom(std::span<const std::byte> bytes) {
  spec::Sqe sqe;
  std::memcpy(&sqe, bytes.data(), sizeof sqe);
  return sqe;
}

driver::Transfer transferFrom(const Napi::Value& value) {
  using driver::Pointers;
  const auto given = object(value, "transfer");
  driver::Transfer transfer;
  transfer.timeoutMs = integer32(given.Get("timeoutMs"), "timeoutMs");
  if (const auto data = given.Get("data"); !data.IsUndefined()) {
    if (!data.IsArray()) throw Napi::TypeError::New(value.Env(), "data must be an array");
    const auto pieces = data.As<Napi::Array>();
    for (std::uint32_t index = 0; index < pieces.Length(); ++index) {
      transfer.data.push_back(pieceFrom(pieces.Get(index), "data"));
    }
  }
  if (const auto metadata = given.Get("metadata"); !metadata.IsUndefined())
    transfer.metadata = pieceFrom(metadata, "metadata");
  if (const auto pointers = given.Get("pointers"); !pointers.IsUndefined()) {
    transfer.pointers = choice<Pointers>(
        pointers, "pointers",
        {{"prp", Pointers::Prp}, {"sgl", Pointers::Sgl}, {"as-given", Pointers::AsGiven}});
  }
  transfer.metadataSgl = given.Get("metadataSgl").ToBoolean();
  if (const auto most = given.Get("descriptorsPerSegment"); !most.IsUndefined())
    transfer.descriptorsPerSegment = integer32(most, "descriptorsPerSegment");
  if (const auto cid = given.Get("cid"); !cid.IsUndefined())
    transfer.cid = static_cast<std::uint16_t>(integer32(cid, "cid", 0, 0xffff));
  return transfer;
}

}  // namespace doorbell::binding
