#include "actors/admin/shell_syntax.hpp"

#include "actors/admin/actor_kinds.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace argosy {

namespace {

using arg = shell_argument;

constexpr std::array shards_arguments{arg{"--of", shell_word::node}};
constexpr std::array actors_arguments{arg{"kind", shell_word::kind, true},
                                      arg{"--top", shell_word::number}};
constexpr std::array show_arguments{arg{"address", shell_word::text, true}};
constexpr std::array who_arguments{arg{"user", shell_word::text, true}, arg{"--tenant"}};
constexpr std::array room_arguments{arg{"name", shell_word::text, true}, arg{"--tenant"}};
constexpr std::array help_arguments{arg{"command"}};

constexpr std::array<shell_command, 10> command_table{{
    {"status", {}, "The fleet in a few lines: who is up, who leads, what is wrong"},
    {"nodes", {}, "Every node: state, view, connections, users, rooms, shards"},
    {"view", {}, "The members by the view that this node acts by"},
    {"shards", shards_arguments, "How many shards each node owns; with --of, which"},
    {"links", {}, "The links between nodes: state, queue, credit, round trip"},
    {"actors", actors_arguments, "The largest actors of a kind, over all nodes"},
    {"show", show_arguments,
     "What each node has at an address (acme/room/lobby), of a client id or a role (mesh, link/b)"},
    {"who", who_arguments, "A user's sessions and connections, wherever they are"},
    {"room", room_arguments, "A room: its owner, position, and subscribers by node"},
    {"help", help_arguments, "All commands, or one of them"},
}};

constexpr std::size_t value_bytes_max = 1'200; ///< the longest address, and some more

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct split_line {
  std::vector<std::string> words;
  bool open = false; ///< ends inside of a quote
};

split_line split(std::string_view line) {
  split_line out;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && blank(c)) {
      in_word = false;
      continue;
    }
    if (!std::exchange(in_word, true))
      out.words.emplace_back();
    auto& word = out.words.back();
    if (c == '\\' && quote != '\'' && i + 1 < line.size())
      word += line[++i];
    else if (quote != 0 ? c == quote : c == '"' || c == '\'')
      quote = quote != 0 ? char{0} : c;
    else
      word += c;
  }
  out.open = quote != 0;
  return out;
}

std::string upper(std::string_view name) {
  std::string out{name};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

std::string list_of_kinds() {
  std::string out;
  for (const auto& kind : actor_kinds)
    out.append(out.empty() ? "" : ", ").append(kind.name);
  return out;
}

const shell_argument* find_argument(const shell_command& command, std::string_view name) {
  for (const auto& a : command.arguments)
    if (a.name == name)
      return &a;
  return nullptr;
}

/// What is wrong with one value; "" if nothing.
std::string flaw_of(const shell_argument& argument, std::string_view value) {
  if (value.size() > value_bytes_max)
    return std::string{argument.key()} + " is longer than " + std::to_string(value_bytes_max)
           + " bytes; shorten it";
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (argument.takes == shell_word::number
      && (value.empty() || value.size() > 6 || !std::all_of(value.begin(), value.end(), digit)))
    return std::string{argument.name} + " is \"" + std::string{value}
           + "\"; it takes a number up to 999999";
  if (argument.takes == shell_word::kind && find_kind(value) == nullptr)
    return "there is no kind of actor \"" + std::string{value} + "\"; kinds are " + list_of_kinds();
  if (argument.key() == "tenant" && (value.empty() || value.find('/') != std::string_view::npos))
    return "--tenant is \"" + std::string{value} + "\"; a tenant is not empty and has no slash";
  return {};
}

std::string unknown_command(std::string_view name) {
  return "there is no command \"" + std::string{name} + "\"; help lists them";
}

std::variant<shell_request, std::string> read_words(const shell_command& command,
                                                    const std::vector<std::string>& words) {
  shell_request out{std::string{command.name}, {}};
  auto next = command.arguments.begin(); // the next positional one
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto& word = words[i];
    const auto* option = find_argument(command, word);
    if (option != nullptr && option->option()) {
      if (i + 1 == words.size())
        return std::string{option->name} + " needs a value; usage: " + usage_of(command);
      out.arguments[std::string{option->key()}] = words[++i];
      continue;
    }
    while (next != command.arguments.end() && next->option())
      ++next;
    if (word.starts_with("--") || next == command.arguments.end())
      return "\"" + word + "\" is not expected here; usage: " + usage_of(command);
    out.arguments[std::string{next->key()}] = word;
    ++next;
  }
  if (auto flaw = flaw_of(out); !flaw.empty())
    return flaw;
  return out;
}

} // namespace

std::span<const shell_command> shell_commands() noexcept {
  return command_table;
}

const shell_command* find_command(std::string_view name) noexcept {
  const auto found = std::find_if(command_table.begin(), command_table.end(),
                                  [&](const shell_command& c) { return c.name == name; });
  return found == command_table.end() ? nullptr : &*found;
}

std::string usage_of(const shell_command& command) {
  std::string out{command.name};
  for (const auto& a : command.arguments) {
    const auto text =
        !a.option() ? upper(a.name)
        : a.takes == shell_word::number
            ? std::string{a.name} + " N"
            : std::string{a.name} + " " + upper(a.takes == shell_word::node ? "node" : a.key());
    out += a.required ? " " + text : " [" + text + "]";
  }
  return out;
}

std::variant<shell_request, std::string> read_command_line(std::string_view line) {
  const auto [words, open] = split(line);
  if (open)
    return std::string{"a quote is not closed; add the missing one"};
  if (words.empty())
    return std::string{"there is no command on this line; help lists them"};
  const auto* command = find_command(words.front());
  return command == nullptr ? unknown_command(words.front()) : read_words(*command, words);
}

std::string flaw_of(const shell_request& request) {
  const auto* command = find_command(request.command);
  if (command == nullptr)
    return unknown_command(request.command);
  for (const auto& [key, value] : request.arguments) {
    const auto known = std::find_if(command->arguments.begin(), command->arguments.end(),
                                    [&](const shell_argument& a) { return a.key() == key; });
    if (known == command->arguments.end())
      return request.command + " has no argument \"" + key + "\"; usage: " + usage_of(*command);
    if (auto flaw = flaw_of(*known, value); !flaw.empty())
      return flaw;
  }
  for (const auto& a : command->arguments)
    if (a.required && request.argument(a.key()).empty())
      return upper(a.name) + " is missing; usage: " + usage_of(*command);
  return {};
}

std::vector<std::string> completions(std::string_view line, const std::vector<std::string>& nodes) {
  auto words = split(line).words;
  const bool fresh = line.empty() || blank(line.back());
  const std::string begun = fresh || words.empty() ? "" : words.back();
  if (!fresh && !words.empty())
    words.pop_back();
  std::vector<std::string> all;
  const auto* command = words.empty() ? nullptr : find_command(words.front());
  const auto offer = [&](shell_word takes) {
    if (takes == shell_word::kind)
      for (const auto& kind : actor_kinds)
        all.emplace_back(kind.name);
    if (takes == shell_word::node)
      all.insert(all.end(), nodes.begin(), nodes.end());
  };
  if (words.empty() || (words.size() == 1 && words.front() == "help")) {
    for (const auto& c : command_table)
      all.emplace_back(c.name);
  } else if (command != nullptr) {
    const auto* before = find_argument(*command, words.back());
    if (before != nullptr && before->option()) {
      offer(before->takes);
    } else {
      if (words.size() == 1 && !command->arguments.empty() && !command->arguments[0].option())
        offer(command->arguments[0].takes);
      for (const auto& a : command->arguments)
        if (a.option() && std::find(words.begin(), words.end(), a.name) == words.end())
          all.emplace_back(a.name);
    }
  }
  std::erase_if(all, [&](const std::string& word) { return !word.starts_with(begun); });
  return all;
}

std::string help_text() {
  std::size_t width = 0;
  for (const auto& c : command_table)
    width = std::max(width, usage_of(c).size());
  std::string out;
  for (const auto& c : command_table) {
    auto usage = usage_of(c);
    usage.resize(width + 2, ' ');
    out += usage + std::string{c.meaning} + "\n";
  }
  return out;
}

std::string help_text(const shell_command& command) {
  auto out = usage_of(command) + "\n  " + std::string{command.meaning} + "\n";
  for (const auto& a : command.arguments)
    if (a.takes == shell_word::kind)
      for (const auto& kind : actor_kinds)
        out += "  " + std::string{kind.name} + ": " + std::string{kind.meaning} + ", by "
               + std::string{kind.size} + "\n";
  return out;
}

} // namespace argosy
