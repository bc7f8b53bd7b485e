#include "runtime/config/dump.hpp"

#include "runtime/config/key.hpp"
#include "runtime/config/value.hpp"

#include <algorithm>
#include <string_view>

namespace argosy::config {

namespace {

constexpr std::size_t columns = 100;

/// `text` as comment lines, broken at spaces.
void comment(std::string& out, std::string_view text) {
  while (!text.empty()) {
    auto end = text.size();
    if (end > columns - 2)
      end = text.rfind(' ', columns - 2);
    ((out += "# ") += text.substr(0, end)) += '\n';
    text.remove_prefix(std::min(text.size(), end + 1));
  }
}

bool is_set(const value& v) {
  const auto* text = std::get_if<std::string>(&v);
  const auto* list = std::get_if<std::vector<std::string>>(&v);
  return (text != nullptr && !text->empty()) || (list != nullptr && !list->empty());
}

/// What follows a value on its line: "ms, 100 to 600000", or "" where the value says it all.
std::string hint(const field& f, const domain& takes, std::string_view unit) {
  if (std::holds_alternative<std::string*>(f))
    return takes.choices.empty() ? "" : describe(f, takes);
  if (std::holds_alternative<bool*>(f) || std::holds_alternative<std::vector<std::string>*>(f))
    return "";
  auto out = std::string{unit} + (unit.empty() ? "" : ", ") + std::to_string(takes.min);
  return takes.max == domain{}.max ? out + " or more" : out + " to " + std::to_string(takes.max);
}

template <class Owner>
void print(std::string& out, const key<Owner>& k, Owner& owner) {
  const auto slot = k.slot(owner);
  const auto now = read(slot);
  out += '\n';
  comment(out, k.meaning);
  if (k.takes.secret && is_set(now)) {
    ((out += "# ") += leaf_of(k.name)) += " is set, and not shown\n";
    return;
  }
  ((out += leaf_of(k.name)) += " = ") += to_toml(now);
  if (const auto range = hint(slot, k.takes, k.unit); !range.empty())
    (out += " # ") += range;
  out += '\n';
}

void print_channel(std::string& out, channel_options options) {
  for (const auto& k : channel_keys())
    print(out, k, options);
}

/// Only what differs from the defaults: a namespace is read for what it changes.
void print_namespace(std::string& out, namespace_config space) {
  ((out += "\n[[namespace]]\nname = ") += to_toml(value{space.name})) += '\n';
  channel_options defaults;
  for (const auto& k : channel_keys()) {
    const auto now = to_toml(read(k.slot(space.options)));
    if (now != to_toml(read(k.slot(defaults))))
      (((out += k.name) += " = ") += now) += '\n';
  }
}

constexpr std::string_view opening =
    "Configuration of an Argosy node. Every key stands here with its meaning and its value; what a "
    "file leaves out has its default. On the command line: argosy node --config FILE --set "
    "net.loops=2";

constexpr std::string_view namespace_example = R"(
# Namespaces: the channel chat:lobby has the options of the namespace chat, and what they leave out
# has its default (not that of [channel]). A channel of an unknown namespace is refused (error 102).
# [[namespace]]
# name = "chat"
# presence = true
# history_size = 100
# history_ttl_ms = 600000
)";

} // namespace

std::string dump(const node_config& config) {
  auto copy = config;
  std::string out;
  comment(out, opening);
  for (const auto& s : sections()) {
    out += '\n';
    comment(out, s.about);
    ((out += '[') += s.name) += "]\n";
    for (const auto& k : node_keys())
      if (section_of(k.name) == s.name)
        print(out, k, copy);
    if (s.name == "channel")
      print_channel(out, copy.channel);
  }
  out += namespace_example;
  for (const auto& space : config.namespaces)
    print_namespace(out, space);
  return out;
}

} // namespace argosy::config
