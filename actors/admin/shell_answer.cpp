#include "actors/admin/shell_answer.hpp"

#include "actors/gateway/api_params.hpp"
#include "runtime/core/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

/// More digits than a JSON number keeps everywhere go out as text.
constexpr std::size_t exact_digits_max = 15;

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= exact_digits_max && (text == "0" || text.front() != '0')
         && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void write(json_writer& w, const std::vector<std::string>& list) {
  w.open_array();
  for (const auto& one : list)
    w.text(one);
  w.close_array();
}

void write(json_writer& w, const shell_table& table) {
  w.key(table.name).open_array();
  for (const auto& row : table.rows) {
    w.open_object();
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      w.key(table.columns[i].name);
      if (table.columns[i].number && is_number(row[i]))
        w.raw(row[i]);
      else
        w.text(row[i]);
    }
    w.close_object();
  }
  w.close_array();
}

/// Nothing that a peer chose may move the cursor of whoever looks.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  return text;
}

std::string cell_of(std::string_view token) {
  return printable(token.starts_with('"') ? string_of(token) : std::string{token});
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

struct grid {
  std::vector<std::string> head;
  std::vector<bool> right; ///< numbers stand at the right
  std::vector<std::vector<std::string>> rows;
};

grid read_grid(const std::vector<std::string>& rows) {
  grid out;
  for (const auto& row : rows) {
    const auto cells = api_params::parse(row);
    if (!cells)
      continue;
    auto& line = out.rows.emplace_back();
    for (const auto& [name, token] : cells->members()) {
      if (out.rows.size() == 1) {
        out.head.push_back(name);
        out.right.push_back(true);
      }
      const auto column = line.size();
      if (column < out.right.size() && token.starts_with('"') && token != "\"\"")
        out.right[column] = false;
      line.push_back(cell_of(token));
    }
    line.resize(out.head.size());
  }
  return out;
}

void print(std::string& out, const grid& g) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < g.head.size(); ++c) {
    auto width = width_of(g.head[c]);
    for (const auto& row : g.rows)
      width = std::max(width, width_of(row[c]));
    widths.push_back(width);
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::string gap(widths[c] - width_of(cells[c]), ' ');
      text += c == 0 ? "" : "  ";
      text += g.right[c] ? gap + cells[c] : cells[c] + gap;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  line(g.head);
  for (const auto& row : g.rows)
    line(row);
}

std::string joined(const std::vector<std::string>& tokens) {
  std::string out;
  for (const auto& token : tokens)
    out += (out.empty() ? "" : ", ") + cell_of(token);
  return out;
}

} // namespace

std::string to_json(const shell_answer& answer) {
  std::string out;
  json_writer w{out};
  w.open_object();
  for (const auto& table : answer.tables)
    write(w, table);
  w.key("silent");
  write(w, answer.silent);
  w.key("notes");
  write(w, answer.notes);
  w.close_object();
  return out;
}

std::string shell_error(std::string_view sentence) {
  std::string out;
  json_writer{out}.open_object().key("error").text(sentence).close_object();
  return out;
}

shell_text lay_out(std::string_view json) {
  const auto answer = api_params::parse(json);
  if (!answer)
    return {"the node's answer is not understood; use the shell of the same version\n", true};
  if (!answer->raw("error").empty())
    return {printable(answer->text("error")) + "\n", true};
  std::string out;
  for (const auto& [name, token] : answer->members()) {
    if (name == "silent" || name == "notes")
      continue;
    const auto rows = answer->list(name);
    out += out.empty() ? "" : "\n";
    if (rows.empty())
      out += "no " + printable(name) + "\n";
    else
      print(out, read_grid(rows));
  }
  for (const auto& note : answer->list("notes"))
    out += "\n" + cell_of(note) + "\n";
  if (const auto silent = answer->list("silent"); !silent.empty())
    out += "\nno answer from: " + joined(silent) + "\n";
  return {std::move(out), false};
}

} // namespace argosy
