// message_reader: opens bytes from the network as one Cap'n Proto message, within limits.
//
// Shared by the server (commands in) and the C++ client (replies and pushes in). Everything that
// can be wrong with the bytes ends here: kj's exceptions do not get past `read_message`.
#pragma once

#include <capnp/message.h>
#include <kj/exception.h>

#include <string_view>

namespace argosy::wire {

/// A whole message in the standard stream framing.
class message_bytes {
public:
  /// Copies the bytes to aligned memory of the calling thread, where views live until the next
  /// message is opened on this thread. Null if the bytes are not framed as exactly one message of
  /// at most 64 segments.
  static const message_bytes* open(std::string_view bytes);

  /// The same without the copy where `bytes` are aligned, as those of a heap string are. Views live
  /// as long as both `bytes` and what `open` says.
  static const message_bytes* borrow(std::string_view bytes);

  kj::ArrayPtr<const capnp::word> words() const noexcept { return words_; }

  /// Depth at most 16; the sum of what is read at most twice the message, so that pointers which
  /// share a target cannot multiply it.
  capnp::ReaderOptions limits() const noexcept;

private:
  static const message_bytes* take(std::string_view bytes, bool copy);

  kj::ArrayPtr<const capnp::word> words_;
};

/// The text at hand, or false if it is not UTF-8.
[[nodiscard]] bool take_text(capnp::Text::Reader text, std::string_view& out);

inline std::string_view view_of(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

/// What `read()` returns, or false where the message breaks its own layout.
template <class Read>
bool within_layout(Read&& read) {
  try {
    return read();
  } catch (const kj::Exception&) {
    return false;
  }
}

} // namespace argosy::wire
