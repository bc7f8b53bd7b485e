// session, the part that matches replies to calls and gives up on what takes too long.

#include "clients/cpp/session.hpp"

#include <utility>

namespace argosy::client {

std::uint32_t session::start_call(command_body body, reply_handler done) {
  const bool hello = std::holds_alternative<connect_command>(body);
  const std::uint32_t id = next_id_++;
  if (state_ == state::offline) {
    done(error{error_disconnected, "the client is not connected", false});
    return 0;
  }
  const command c{id, std::move(body)};
  std::string message = codec_.encode({&c, 1});
  auto& call = calls_[id];
  call.deadline = clock::now() + options_.call_timeout;
  call.done = std::move(done);
  if (state_ == state::online && !hello)
    transport_->send(std::move(message));
  else
    call.message = std::move(message);
  if (calls_.size() == 1)
    arm_call_timer();
  return id;
}

void session::transmit(std::span<const command> commands) {
  transport_->send(codec_.encode(commands));
}

void session::send(std::string_view data) {
  const command c{0, send_command{data}};
  if (online())
    transmit({&c, 1});
}

void session::flush_waiting() {
  for (auto& [id, call] : calls_)
    if (!call.message.empty())
      transport_->send(std::exchange(call.message, {}));
}

void session::on_reply(std::uint32_t id, reply body) {
  if (transport_ == nullptr)
    return; // gone offline in the middle of a message
  auto found = calls_.extract(id);
  if (!found.empty())
    found.mapped().done(std::move(body));
}

void session::fail_calls(const error& why) {
  for (auto it = calls_.begin(); it != calls_.end();) {
    const bool waiting = !it->second.message.empty();
    if (waiting && state_ == state::connecting) {
      ++it; // never sent: it may still go out on the next connection
      continue;
    }
    const auto done = std::move(it->second.done);
    const auto id = it->first;
    calls_.erase(it);
    done(error{why});
    it = calls_.upper_bound(id);
  }
}

void session::arm_call_timer() {
  if (calls_.empty())
    return;
  call_timer_.expires_at(calls_.begin()->second.deadline);
  call_timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
    if (!ec && !self->shut_)
      self->expire_calls();
  });
}

void session::expire_calls() {
  const auto now = clock::now();
  while (!calls_.empty() && calls_.begin()->second.deadline <= now) {
    auto oldest = calls_.extract(calls_.begin());
    oldest.mapped().done(error{error_timeout, "no reply in time", true});
  }
  arm_call_timer();
}

} // namespace argosy::client
