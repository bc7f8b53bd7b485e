#include "clients/cpp/json_parts.hpp"

#include "runtime/core/base64.hpp"

#include <limits>
#include <memory>
#include <utility>

namespace argosy::client::json_parts {

bool read(ondemand::value value, std::string& out) {
  std::string_view text;
  if (!json_members::read(value, text))
    return false;
  out = text;
  return true;
}

bool read(ondemand::value value, std::uint32_t& out) {
  std::uint64_t wide = 0;
  if (!json_members::read(value, wide) || wide > std::numeric_limits<std::uint32_t>::max())
    return false;
  out = static_cast<std::uint32_t>(wide);
  return true;
}

bool read_raw(ondemand::value value, std::string& out) {
  out = text_of(value);
  return !out.empty();
}

bool read(ondemand::value value, client_id& out) {
  std::string_view text;
  if (!json_members::read(value, text))
    return false;
  out = client_id::parse(text).value_or(client_id{});
  return true;
}

bool read(ondemand::value value, client_info_ptr& out) {
  auto info = std::make_shared<client_info>();
  out = info;
  return each_member(value, [&](std::string_view key, ondemand::value member) {
    if (key == "user")
      return read(member, info->user);
    if (key == "client")
      return read(member, info->client);
    if (key == "conn_info")
      return read_raw(member, info->conn_info);
    if (key == "chan_info")
      return read_raw(member, info->chan_info);
    return skip(member);
  });
}

bool read(ondemand::value value, publication_ptr& out) {
  auto p = std::make_shared<publication>();
  out = p;
  return each_member(value, [&](std::string_view key, ondemand::value member) {
    if (key == "data")
      return read_raw(member, p->data);
    if (key == "offset")
      return json_members::read(member, p->offset);
    if (key == "info")
      return read(member, p->info);
    if (key == "time")
      return json_members::read(member, p->time_ms);
    if (key == "tags")
      return each_member(member, [&](std::string_view name, ondemand::value tag) {
        return read(tag, p->tags[std::string{name}]);
      });
    if (key != "b64data")
      return skip(member);
    std::string_view text;
    const bool well_formed = json_members::read(member, text);
    const auto bytes = decode_base64(text);
    p->data = bytes.value_or("");
    return well_formed && bytes.has_value();
  });
}

bool read(ondemand::value value, publications& out) {
  if (is_null(value))
    return true;
  ondemand::array items;
  if (value.get_array().get(items))
    return false;
  for (auto item : items) {
    ondemand::value element;
    if (item.get(element) || !read(element, out.emplace_back()))
      return false;
  }
  return true;
}

} // namespace argosy::client::json_parts
