#include "tests/checker/json_lines.hpp"

#include <simdjson.h>

#include <algorithm>
#include <istream>

namespace argosy::checker {

namespace {

using simdjson::dom::element;

/// Thrown inside this file only: the sentence.
struct bad_line {
  std::string why;
};

/// The fields of one line; what is absent is a default, what has another type is an error.
class fields {
public:
  explicit fields(element line) : line_(line) {}

  std::string text(std::string_view key) const {
    std::string_view value;
    get(key, value, "a string");
    return std::string{value};
  }
  std::uint64_t number(std::string_view key) const {
    std::uint64_t value = 0;
    get(key, value, "a whole number, not below 0");
    return value;
  }
  std::uint32_t small(std::string_view key) const {
    return static_cast<std::uint32_t>(number(key));
  }
  bool flag(std::string_view key) const {
    bool value = false;
    get(key, value, "true or false");
    return value;
  }
  simdjson::dom::array list(std::string_view key) const {
    static simdjson::dom::parser parser;
    simdjson::dom::array value;
    if (line_[key].error() == simdjson::NO_SUCH_FIELD)
      value = parser.parse(std::string_view{"[]"}).get_array().value();
    else
      get(key, value, "a list");
    return value;
  }
  message_id message() const { return {text("publisher"), number("counter")}; }
  position where(const std::string& prefix = "") const {
    return {text(prefix + "epoch"), number(prefix + "offset")};
  }

private:
  template <class T>
  void get(std::string_view key, T& into, std::string_view kind) const {
    const auto found = line_[key];
    if (found.error() == simdjson::NO_SUCH_FIELD)
      return;
    if (found.get(into) != simdjson::SUCCESS)
      throw bad_line{"'" + std::string{key} + "' is not " + std::string{kind}};
  }
  element line_;
};

result result_named(const std::string& name) {
  if (name == "ok")
    return result::ok;
  if (name == "rejected")
    return result::rejected;
  if (name == "unknown")
    return result::unknown;
  throw bad_line{"'result' is '" + name + "', and can be ok, rejected or unknown"};
}

final_read end_of(const fields& f, moment at) {
  final_read r{at, f.text("reader"), f.text("room"), f.where(), {}};
  for (const auto item : f.list("items")) {
    std::uint64_t offset = 0;
    std::string_view payload;
    if (item.at(0).get(offset) != simdjson::SUCCESS || item.at(1).get(payload) != simdjson::SUCCESS)
      throw bad_line{"an item is not a list of an offset and a payload"};
    r.items.emplace_back(offset, payload);
  }
  return r;
}

fault_injected fault_of(const fields& f, moment at) {
  fault_injected r{at, f.text("what"), {}};
  for (const auto room : f.list("rooms")) {
    std::string_view name;
    if (room.get(name) != simdjson::SUCCESS)
      throw bad_line{"a room is not a string"};
    r.rooms.emplace_back(name);
  }
  return r;
}

record record_of(const fields& f) {
  const auto at = moment{static_cast<std::int64_t>(f.number("t"))};
  const auto event = f.text("event");
  if (event == "attempted")
    return attempted{at,
                     f.message(),
                     f.text("room"),
                     f.text("key"),
                     f.text("connection"),
                     std::max(1U, f.small("attempt"))};
  if (event == "answered")
    return answered{at, f.message(), std::max(1U, f.small("attempt")),
                    result_named(f.text("result")), f.where()};
  if (event == "subscribed")
    return subscribed{at,
                      f.text("session"),
                      f.text("room"),
                      f.flag("recovering"),
                      f.flag("recovered"),
                      f.where("since_"),
                      f.where()};
  if (event == "unsubscribed")
    return unsubscribed{at, f.text("session"), f.text("room"), f.small("code")};
  if (event == "delivered")
    return delivered{at, f.text("session"), f.text("room"), f.where(), f.text("payload")};
  if (event == "gap_announced")
    return gap_announced{
        at, f.text("session"), f.text("room"), f.number("from"), f.number("to"), f.text("reason")};
  if (event == "final_read")
    return end_of(f, at);
  if (event == "fault_injected")
    return fault_of(f, at);
  throw bad_line{"'event' is '" + event + "', which is none of the records"};
}

moment time_of(const record& r) {
  return std::visit([](const auto& one) { return one.at; }, r);
}

} // namespace

std::string read_json_lines(std::istream& from, chronicle& into) {
  simdjson::dom::parser parser;
  std::string line;
  for (std::size_t number = 1; std::getline(from, line); ++number) {
    if (line.empty())
      continue;
    element parsed;
    try {
      if (parser.parse(line).get(parsed) != simdjson::SUCCESS || !parsed.is_object())
        throw bad_line{"it is not a JSON object"};
      into.push_back(record_of(fields{parsed}));
    } catch (const bad_line& e) {
      return "line " + std::to_string(number) + ": " + e.why;
    }
  }
  std::stable_sort(into.begin(), into.end(),
                   [](const record& a, const record& b) { return time_of(a) < time_of(b); });
  return {};
}

} // namespace argosy::checker
