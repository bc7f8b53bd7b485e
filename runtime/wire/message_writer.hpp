// message_writer: builds one Cap'n Proto message and appends it to a string.
#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/io.h>

#include <cstring>
#include <string>
#include <string_view>

namespace argosy::wire {

/// Borrows a string for a setter. kj wants the zero behind the last character, which a view has
/// not: a view is copied with `put_text(out.initX(size_of(view)), view)`.
inline capnp::Text::Reader text_of(const std::string& text) {
  return {text.data(), text.size()};
}

inline unsigned size_of(std::string_view text) {
  return static_cast<unsigned>(text.size());
}

inline void put_text(capnp::Text::Builder out, std::string_view text) {
  if (!text.empty())
    std::memcpy(out.begin(), text.data(), text.size());
}

inline capnp::Data::Reader data_of(std::string_view bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

class appending_stream final : public kj::OutputStream {
public:
  explicit appending_stream(std::string& out) : out_(out) {}
  void write(const void* bytes, size_t size) override {
    out_.append(static_cast<const char*>(bytes), size);
  }

private:
  std::string& out_;
};

/// Appends the message whose root `fill` makes, in the standard stream framing. The first segment
/// is the calling thread's: only a message beyond 8 KiB allocates. (The builder wants it zeroed,
/// and zeroes what it has used.)
template <class Root, class Fill>
void append_message(std::string& out, Fill&& fill) {
  thread_local capnp::word first_segment[1024];
  capnp::MallocMessageBuilder message{kj::arrayPtr(first_segment, 1024)};
  fill(message.initRoot<Root>());
  appending_stream stream{out};
  capnp::writeMessage(stream, message);
}

} // namespace argosy::wire
