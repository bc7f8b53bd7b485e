#include "node/machine.hpp"
#include "runtime/core/json_writer.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace argosy {

namespace {

std::string_view word(health state) {
  constexpr std::array<std::string_view, 3> words{"good", "low", "absent"};
  return words[static_cast<std::size_t>(state)];
}

std::size_t width_of(const std::vector<finding>& findings, std::string finding::*column) {
  std::size_t width = 0;
  for (const auto& f : findings)
    width = std::max(width, (f.*column).size());
  return width;
}

void pad(std::string& out, std::string_view text, std::size_t width) {
  out += text;
  out.append(width - std::min(width, text.size()) + 2, ' ');
}

} // namespace

std::string to_text(const std::vector<finding>& findings) {
  const auto name_width = width_of(findings, &finding::name);
  const auto value_width = width_of(findings, &finding::value);
  std::string out;
  for (const auto& f : findings) {
    pad(out, word(f.state), 6);
    pad(out, f.name, name_width);
    pad(out, f.value, value_width);
    (out += f.limits) += '\n';
    if (!f.remedy.empty())
      ((out.append(8, ' ') += "raise it: ") += f.remedy) += '\n';
  }
  return out;
}

std::string to_json(const std::vector<finding>& findings) {
  std::string out;
  json_writer json{out};
  json.open_object().key("findings").open_array();
  for (const auto& f : findings)
    json.open_object()
        .key("name")
        .text(f.name)
        .key("state")
        .text(word(f.state))
        .key("value")
        .text(f.value)
        .key("limits")
        .text(f.limits)
        .text_unless_empty("remedy", f.remedy)
        .close_object();
  json.close_array().close_object();
  return out;
}

} // namespace argosy
