#include "bench/chaos/visitor.hpp"

#include "bench/self_node.hpp"
#include "bench/token.hpp"

#include <charconv>

namespace argosy::bench::chaos {

using std::chrono::milliseconds;

client::options visitor(std::uint16_t port, const std::string& user) {
  client::options o;
  o.url = "ws://127.0.0.1:" + std::to_string(port) + "/connection/websocket";
  o.token = hs256_token(user, self_node::secret());
  o.name = "chaos";
  o.reconnect = {milliseconds(20), milliseconds(200)};
  o.call_timeout = milliseconds(2'000);
  return o;
}

word word_in(std::string_view data) {
  word w = 0;
  std::from_chars(data.data(), data.data() + data.size(), w);
  return w;
}

} // namespace argosy::bench::chaos
