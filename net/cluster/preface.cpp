#include "net/cluster/preface.hpp"

#include "runtime/cluster/member.hpp"

#include <algorithm>

namespace argosy::net {

namespace {

constexpr std::string_view magic{"argosy\0\1", 8};

void put_text(std::string& out, std::string_view text) {
  out.push_back(static_cast<char>(text.size()));
  out.append(text);
}

struct reader {
  std::string_view rest;
  bool good = true;

  std::string_view take(std::size_t size) {
    good = good && size <= rest.size();
    const auto part = rest.substr(0, good ? size : 0);
    rest.remove_prefix(part.size());
    return part;
  }
  std::string text() {
    const auto size = take(1);
    return std::string{take(good ? static_cast<unsigned char>(size.front()) : 0U)};
  }
  template <std::size_t Size>
  void bytes(std::array<char, Size>& into) {
    const auto part = take(Size);
    std::copy(part.begin(), part.end(), into.begin());
  }
};

} // namespace

std::string encode(const hello& h) {
  std::string rest;
  put_text(rest, h.cluster);
  put_text(rest, h.node);
  rest.append(h.instance.data(), h.instance.size());
  rest.append(h.token.data(), h.token.size());
  std::string out{magic};
  put_text(out, rest);
  return out;
}

std::optional<std::size_t> hello_rest_bytes(std::string_view head) noexcept {
  if (head.size() != hello_head_bytes || !head.starts_with(magic))
    return std::nullopt;
  return static_cast<unsigned char>(head.back());
}

std::optional<hello> decode_hello(std::string_view rest) {
  hello h;
  reader in{rest};
  h.cluster = in.text();
  h.node = in.text();
  in.bytes(h.instance);
  in.bytes(h.token);
  if (!in.good || !in.rest.empty() || !cluster::valid_member_name(h.cluster)
      || !cluster::valid_member_name(h.node))
    return std::nullopt;
  return h;
}

std::optional<verdict> to_verdict(char c) noexcept {
  switch (const auto v = static_cast<verdict>(c)) {
  case verdict::go:
  case verdict::duplicate:
  case verdict::opening:
  case verdict::clash:
    return v;
  }
  return std::nullopt;
}

} // namespace argosy::net
