#include "runtime/core/channel_options.hpp"

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

constexpr bool name_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
         || c == '-' || c == '.';
}

constexpr bool printable(char c) noexcept {
  return c > ' ' && c <= '~';
}

} // namespace

namespaces::namespaces(channel_options without, std::string personal_prefix,
                       std::size_t channel_bytes_max)
    : without_(std::move(without)), channel_bytes_max_(channel_bytes_max) {
  without_.personal_prefix.clear();
  personal_.personal_prefix = std::move(personal_prefix);
}

bool namespaces::add(std::string name, channel_options options) {
  if (!valid_namespace_name(name))
    return false;
  options.personal_prefix.clear();
  if (!personal_.personal_prefix.empty() && name == namespace_of(personal_.personal_prefix)) {
    auto prefix = std::exchange(personal_.personal_prefix, {});
    personal_ = options;
    personal_.personal_prefix = std::move(prefix);
  }
  return named_.try_emplace(std::move(name), std::move(options)).second;
}

const channel_options* namespaces::resolve(std::string_view channel) const noexcept {
  if (!personal_.personal_prefix.empty() && channel.starts_with(personal_.personal_prefix))
    return &personal_;
  const auto name = namespace_of(channel);
  if (name.empty())
    return &without_;
  const auto found = named_.find(name);
  return found == named_.end() ? nullptr : &found->second;
}

bool namespaces::valid_channel(std::string_view channel) const noexcept {
  return !channel.empty() && channel.size() <= channel_bytes_max_
         && std::all_of(channel.begin(), channel.end(), printable);
}

std::string_view namespace_of(std::string_view channel) noexcept {
  if (is_private_channel(channel))
    channel.remove_prefix(1);
  const auto boundary = channel.find(':');
  return boundary == std::string_view::npos ? std::string_view{} : channel.substr(0, boundary);
}

bool valid_namespace_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), name_char);
}

} // namespace argosy
