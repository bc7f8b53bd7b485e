#include "runtime/wire/message_reader.hpp"

#include <simdjson.h>

#include <cstdint>
#include <cstring>
#include <memory>

namespace argosy::wire {

namespace {

constexpr std::uint32_t segments_max = 64;
constexpr int nesting_max = 16;
constexpr std::size_t words_usual = (64 << 10) / sizeof(capnp::word);

struct aligned_scratch {
  std::unique_ptr<capnp::word[]> words = std::make_unique<capnp::word[]>(words_usual);
  std::size_t capacity = words_usual;

  capnp::word* load(std::string_view bytes) {
    const std::size_t needed = bytes.size() / sizeof(capnp::word);
    if (needed > capacity) {
      words = std::make_unique<capnp::word[]>(needed);
      capacity = needed;
    }
    std::memcpy(words.get(), bytes.data(), bytes.size());
    return words.get();
  }
};

std::uint32_t little_endian(const char* bytes) {
  const auto byte = [bytes](int i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };
  return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
}

/// True if the segment table (count - 1, then the sizes in words) describes just these bytes.
bool is_one_message(std::string_view bytes) {
  if (bytes.size() < sizeof(capnp::word) || bytes.size() % sizeof(capnp::word) != 0)
    return false;
  const std::uint32_t last_segment = little_endian(bytes.data());
  if (last_segment >= segments_max)
    return false;
  const std::size_t table_words = (last_segment + 3) / 2;
  if (bytes.size() / sizeof(capnp::word) < table_words)
    return false;
  std::uint64_t words = table_words;
  for (std::uint32_t i = 0; i <= last_segment; ++i)
    words += little_endian(bytes.data() + 4 * (i + 1));
  return words == bytes.size() / sizeof(capnp::word);
}

} // namespace

const message_bytes* message_bytes::take(std::string_view bytes, bool copy) {
  thread_local aligned_scratch scratch;
  thread_local message_bytes opened;
  if (!is_one_message(bytes))
    return nullptr;
  const auto* words =
      copy ? scratch.load(bytes) : reinterpret_cast<const capnp::word*>(bytes.data());
  opened.words_ = {words, bytes.size() / sizeof(capnp::word)};
  return &opened;
}

const message_bytes* message_bytes::open(std::string_view bytes) {
  return take(bytes, true);
}

const message_bytes* message_bytes::borrow(std::string_view bytes) {
  const auto place = reinterpret_cast<std::uintptr_t>(bytes.data());
  return take(bytes, place % alignof(capnp::word) != 0);
}

capnp::ReaderOptions message_bytes::limits() const noexcept {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = 2 * words_.size();
  options.nestingLimit = nesting_max;
  return options;
}

bool take_text(capnp::Text::Reader text, std::string_view& out) {
  out = {text.begin(), text.size()};
  return simdjson::validate_utf8(out.data(), out.size());
}

} // namespace argosy::wire
