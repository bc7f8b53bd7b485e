#include "runtime/config/load.hpp"

#include "runtime/config/check.hpp"
#include "runtime/config/from_toml.hpp"
#include "runtime/config/key.hpp"
#include "runtime/config/suggest.hpp"
#include "runtime/config/value.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

namespace argosy::config {

namespace {

template <class Owner>
const key<Owner>* find(std::span<const key<Owner>> keys, std::string_view name) {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [name](const key<Owner>& k) { return k.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

template <class Rows>
std::vector<std::string_view> names_of(const Rows& rows) {
  std::vector<std::string_view> out;
  for (const auto& row : rows)
    out.push_back(row.name);
  return out;
}

std::vector<std::string_view> section_names() {
  auto names = names_of(sections());
  names.push_back("namespace");
  return names;
}

/// Reads one file and its overrides into one config, collecting what is wrong.
class reader {
public:
  explicit reader(std::string_view file) : file_(file) {}

  void read_table(const toml::table& root) {
    for (const auto& [name, node] : root) {
      place_ = at_line(node);
      if (name == "namespace")
        read_namespaces(node);
      else if (const auto* table = node.as_table(); table != nullptr && is_section(name))
        read_section(name, *table);
      else if (is_section(name))
        problem("`" + std::string{name.str()} + "` is " + to_toml(from_toml(node))
                + ", but must be a table; write [" + std::string{name.str()}
                + "] on a line above its keys");
      else
        unknown(name.str(), name.str(), section_names());
    }
  }

  void read_override(std::string_view text) {
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    place_ = "--set " + std::string{name};
    if (equals == std::string_view::npos || name.empty())
      return problem("there is no value; write --set key=value, such as --set http.port=9000");
    const auto found = slot_of(name);
    if (found)
      store(name, *found, from_override(text.substr(equals + 1), found->where));
  }

  void syntax_error(const toml::parse_error& error) {
    place_ = file_ + ':' + std::to_string(error.source().begin.line);
    problem("not TOML: " + std::string{error.description()} + "; correct this line");
  }

  void unreadable() {
    place_ = file_;
    problem("the file cannot be read; check its name and permissions");
  }

  loaded finish() {
    for (auto& sentence : check(out_.config))
      out_.problems.push_back((file_.empty() ? "configuration" : file_) + ": " + sentence);
    return std::move(out_);
  }

private:
  struct place {
    field where;
    const domain* takes;
    std::string_view unit;
    std::string standard; ///< the default, as TOML
  };

  static bool is_section(std::string_view name) {
    const auto all = sections();
    return std::any_of(all.begin(), all.end(), [&](const section& s) { return s.name == name; });
  }

  template <class Owner>
  static place make_slot(const key<Owner>& k, Owner& owner) {
    Owner fresh;
    return {k.slot(owner), &k.takes, k.unit, to_toml(read(k.slot(fresh)))};
  }

  void read_section(std::string_view section_name, const toml::table& table) {
    for (const auto& [leaf, node] : table) {
      place_ = at_line(node);
      const auto name = std::string{section_name} + '.' + std::string{leaf.str()};
      if (const auto found = slot_of(name))
        store(name, *found, from_toml(node));
    }
  }

  void read_namespaces(const toml::node& node) {
    const auto* array = node.as_array();
    if (array == nullptr || !array->is_homogeneous<toml::table>())
      return problem("`namespace` must be a list of tables; write [[namespace]] above the keys of "
                     "each");
    for (const auto& item : *array) {
      place_ = at_line(item);
      read_namespace(*item.as_table());
    }
  }

  void read_namespace(const toml::table& table) {
    const auto* name = table.get_as<std::string>("name");
    if (name == nullptr)
      return problem("a [[namespace]] has no name; write name = \"chat\" for channels like "
                     "chat:lobby");
    auto& space = out_.config.namespaces.emplace_back();
    space.name = name->get();
    for (const auto& [leaf, node] : table) {
      place_ = at_line(node);
      if (leaf == "name")
        continue;
      const auto spoken = "namespace." + space.name + '.' + std::string{leaf.str()};
      if (const auto found = channel_slot(spoken, leaf.str(), space.options))
        store(spoken, *found, from_toml(node));
    }
  }

  /// The place of `net.loops`, `channel.presence` or `namespace.chat.presence`; else a problem.
  std::optional<place> slot_of(std::string_view name) {
    if (name.starts_with("channel."))
      return channel_slot(name, leaf_of(name), out_.config.channel);
    if (name.starts_with("namespace."))
      return namespace_slot(name);
    if (const auto* k = find(node_keys(), name))
      return make_slot(*k, out_.config);
    unknown(name, name, names_of(node_keys()));
    return std::nullopt;
  }

  std::optional<place> namespace_slot(std::string_view name) {
    const auto rest = leaf_of(name);
    const auto dot = rest.rfind('.');
    if (dot == std::string_view::npos) {
      problem("`" + std::string{name} + "` names no option; write namespace.NAME.OPTION=value");
      return std::nullopt;
    }
    const auto space = rest.substr(0, dot);
    auto& all = out_.config.namespaces;
    auto found = std::find_if(all.begin(), all.end(),
                              [&](const namespace_config& n) { return n.name == space; });
    if (found == all.end())
      found = all.insert(all.end(), {std::string{space}, {}});
    return channel_slot(name, rest.substr(dot + 1), found->options);
  }

  std::optional<place> channel_slot(std::string_view spoken, std::string_view leaf,
                                    channel_options& options) {
    if (const auto* k = find(channel_keys(), leaf))
      return make_slot(*k, options);
    unknown(spoken, leaf, names_of(channel_keys()));
    return std::nullopt;
  }

  void store(std::string_view name, const place& to, const value& v) {
    const auto complaint = assign(to.where, *to.takes, v);
    if (!complaint.empty())
      problem("`" + std::string{name} + "` " + complaint + "; the default is " + to.standard);
  }

  void unknown(std::string_view spoken, std::string_view typo,
               const std::vector<std::string_view>& names) {
    const auto near = nearest(typo, names);
    problem("`" + std::string{spoken} + "` is not a key; "
            + (near.empty() ? "argosy node --dump-config lists all keys"
                            : "did you mean `" + std::string{near} + "`?"));
  }

  void problem(const std::string& text) {
    const bool ended = text.ends_with('?');
    out_.problems.push_back(place_ + ": " + text + (ended ? "" : "."));
  }

  std::string at_line(const toml::node& node) const {
    return file_ + ':' + std::to_string(node.source().begin.line);
  }

  std::string file_;
  std::string place_;
  loaded out_;
};

} // namespace

loaded parse(std::string_view text, std::string_view file,
             const std::vector<std::string>& overrides) {
  reader r{file};
  try {
    r.read_table(toml::parse(text, file));
  } catch (const toml::parse_error& error) {
    r.syntax_error(error);
  }
  for (const auto& line : overrides)
    r.read_override(line);
  return r.finish();
}

loaded load(const std::string& file, const std::vector<std::string>& overrides) {
  if (file.empty())
    return parse("", "", overrides);
  std::ifstream in{file, std::ios::binary};
  if (std::ostringstream text; in && text << in.rdbuf())
    return parse(text.str(), file, overrides);
  reader r{file};
  r.unreadable();
  return r.finish();
}

} // namespace argosy::config
