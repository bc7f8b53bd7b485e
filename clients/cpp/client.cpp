#include "clients/cpp/client.hpp"

#include "clients/cpp/session.hpp"

#include <utility>

namespace argosy::client {

client::client(boost::asio::io_context& io, options o, events e)
    : session_(std::make_shared<session>(io, std::move(o), std::move(e))) {
}

client::~client() {
  session_->shut();
}

void client::connect() {
  session_->go_online();
}

void client::connect(std::string token) {
  session_->set_token(std::move(token));
  session_->go_online();
}

void client::disconnect() {
  session_->go_offline(0, "disconnect called");
}

void client::subscribe(std::string channel, subscribe_options o, subscription_events e) {
  session_->subscribe(std::move(channel), std::move(o), std::move(e));
}

void client::unsubscribe(std::string_view channel) {
  session_->unsubscribe(channel);
}

std::optional<stream_position> client::position(std::string_view channel) const {
  return session_->position(channel);
}

void client::publish(std::string_view channel, std::string_view data, handler<publish_result> done,
                     const publish_options& o) {
  session_->call(publish_command{channel, data, o.key,
                                 o.latest ? delivery::latest : delivery::event, o.idempotency_key},
                 std::move(done));
}

void client::presence(std::string_view channel, handler<presence_result> done) {
  session_->call(presence_command{channel}, std::move(done));
}

void client::presence_stats(std::string_view channel, handler<presence_stats_result> done) {
  session_->call(presence_stats_command{channel}, std::move(done));
}

void client::history(std::string_view channel, const history_options& o,
                     handler<history_result> done) {
  history_command c;
  c.channel = channel;
  c.limit = o.limit;
  c.reverse = o.reverse;
  if (o.since) {
    c.has_since = true;
    c.since_epoch = o.since->epoch;
    c.since_offset = o.since->offset;
  }
  session_->call(c, std::move(done));
}

void client::rpc(std::string_view method, std::string_view data, handler<rpc_result> done) {
  session_->call(rpc_command{method, data}, std::move(done));
}

void client::send(std::string_view data) {
  session_->send(data);
}

bool client::connected() const noexcept {
  return session_->online();
}

} // namespace argosy::client
