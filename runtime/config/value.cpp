#include "runtime/config/value.hpp"

#include <algorithm>
#include <type_traits>

namespace argosy::config {

namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

std::string quoted(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (byte < 0x20 || byte == 0x7F)
      ((out += "\\u00") += hex[byte >> 4]) += hex[byte & 15];
    else
      out += c;
  }
  return out += '"';
}

bool is_choice(std::string_view choices, std::string_view text) {
  for (;;) {
    const auto bar = choices.find('|');
    if (choices.substr(0, bar) == text)
      return true;
    if (bar == std::string_view::npos)
      return false;
    choices.remove_prefix(bar + 1);
  }
}

std::string spoken_choices(std::string_view choices) {
  std::string out;
  for (;;) {
    const auto bar = choices.find('|');
    out += quoted(choices.substr(0, bar));
    if (bar == std::string_view::npos)
      return out;
    choices.remove_prefix(bar + 1);
    out += choices.find('|') == std::string_view::npos ? " or " : ", ";
  }
}

/// True if `v` fits `to`; then it is there.
bool fits(const field& to, const domain& takes, const value& v) {
  const auto number = [&](auto* slot) {
    const auto* n = std::get_if<std::int64_t>(&v);
    if (n == nullptr || *n < takes.min || *n > takes.max)
      return false;
    using number_type = std::remove_reference_t<decltype(*slot)>;
    *slot = number_type(*n);
    return true;
  };
  const auto exact = [&](auto* slot) {
    const auto* same = std::get_if<std::remove_reference_t<decltype(*slot)>>(&v);
    if (same != nullptr)
      *slot = *same;
    return same != nullptr;
  };
  return std::visit(overloaded{
                        [&](bool* slot) { return exact(slot); },
                        [&](std::uint16_t* slot) { return number(slot); },
                        [&](std::uint32_t* slot) { return number(slot); },
                        [&](milliseconds* slot) { return number(slot); },
                        [&](std::string* slot) {
                          const auto* text = std::get_if<std::string>(&v);
                          return (takes.choices.empty()
                                  || (text != nullptr && is_choice(takes.choices, *text)))
                                 && exact(slot);
                        },
                        [&](std::vector<std::string>* slot) { return exact(slot); },
                    },
                    to);
}

} // namespace

std::string assign(const field& to, const domain& takes, const value& v) {
  if (fits(to, takes, v))
    return {};
  const auto is = takes.secret ? std::string{"is set"} : "is " + to_toml(v);
  return is + ", but must be " + describe(to, takes);
}

std::string to_toml(const value& v) {
  return std::visit(overloaded{
                        [](bool b) { return std::string{b ? "true" : "false"}; },
                        [](std::int64_t n) { return std::to_string(n); },
                        [](const std::string& s) { return quoted(s); },
                        [](const std::vector<std::string>& list) {
                          std::string out = "[";
                          for (const auto& item : list)
                            (out += out.size() > 1 ? ", " : "") += quoted(item);
                          return out += "]";
                        },
                        [](const unfit& u) { return u.text; },
                    },
                    v);
}

value read(const field& from) {
  return std::visit(overloaded{
                        [](const milliseconds* slot) { return value{slot->count()}; },
                        [](const std::uint16_t* slot) { return value{std::int64_t{*slot}}; },
                        [](const std::uint32_t* slot) { return value{std::int64_t{*slot}}; },
                        [](const auto* slot) { return value{*slot}; },
                    },
                    from);
}

std::string describe(const field& f, const domain& takes) {
  if (std::holds_alternative<bool*>(f))
    return "true or false";
  if (std::holds_alternative<std::vector<std::string>*>(f))
    return "a list of strings";
  if (std::holds_alternative<std::string*>(f))
    return takes.choices.empty() ? "a string" : spoken_choices(takes.choices);
  return "a whole number from " + std::to_string(takes.min) + " to " + std::to_string(takes.max);
}

} // namespace argosy::config
