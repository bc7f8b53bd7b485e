#include "tests/fuzz/exercise.hpp"

#include "runtime/json/json_text.hpp"
#include "tests/fuzz/promise.hpp"
#include "tests/protocol/capnp_client.hpp"
#include "tests/protocol/frames.hpp"
#include "tests/protocol/recorder.hpp"

#include <simdjson.h>

#include <memory>
#include <string>

namespace argosy::test {

namespace {

/// A strict JSON parser reads `text`. It may find a number too big for 64 bits or a double, or a
/// lone surrogate: valid by the grammar, and passed on untouched.
bool parses(std::string_view text) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded{text};
  switch (parser.parse(padded).error()) {
  case simdjson::SUCCESS:
  case simdjson::NUMBER_ERROR:
  case simdjson::STRING_ERROR:
    return true;
  default:
    return false;
  }
}

void check_json_frame(const frame& f) {
  const std::string_view text = payload_of(f);
  promise(text.find('\n') == std::string_view::npos, "a JSON frame is one line");
  promise(parses(text), "a JSON frame parses");
}

class publisher final : public command_sink {
public:
  explicit publisher(bool json) : json_(json) {}

  bool on_command(const command& c) override {
    promise(!describe(c).empty(), "a command can be described");
    if (const auto* publish = std::get_if<publish_command>(&c.body))
      send_on(*publish);
    else if (const auto* rpc = std::get_if<rpc_command>(&c.body))
      promise(!json_ || rpc->data.empty() || is_json(rpc->data), "rpc data is JSON");
    return true;
  }

private:
  void send_on(const publish_command& publish) {
    promise(!publish.data.empty(), "published data is never empty");
    promise(!json_ || is_json(publish.data), "published data is JSON");
    auto p = std::make_shared<publication>();
    p->data = publish.data;
    p->offset = 1;
    const push_body body{publication_ptr{p}};
    check_json_frame(json_dialect().encode_push(publish.channel, body, true));
    const frame binary = capnp_dialect().encode_push(publish.channel, body, true);
    promise(!server_text(payload_of(binary)).empty(), "a Cap'n Proto frame can be read");
  }

  bool json_;
};

} // namespace

errc exercise(const dialect& d, std::string_view bytes, bool binary) {
  publisher sink{&d == &json_dialect()};
  const errc result = d.decode(bytes, binary, sink);
  promise(result == errc::none || result == errc::closed_bad_request,
          "decoding ends well or with closed_bad_request");
  return result;
}

} // namespace argosy::test
