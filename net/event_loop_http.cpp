// event_loop, HTTP: requests, answers, and the way from a request to a WebSocket.
#include "net/event_loop.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace argosy::net {

namespace {

constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr int request_reads_max = 64; // a turn

// Between the pause that clients are promised and the end, so that a request sent at the last
// moment does not cross our FIN.
constexpr std::chrono::milliseconds idle_grace{1000};

std::string_view view(boost::beast::string_view s) noexcept {
  return {s.data(), s.size()};
}

using upgrade_header = http::request<http::empty_body>;

template <class Parameters>
bool wants_small_window(const Parameters& offer) {
  return std::any_of(offer.begin(), offer.end(), [](const auto& parameter) {
    return beast::iequals(parameter.first, "server_max_window_bits") && parameter.second != "15";
  });
}

// A compressed frame is made once with the full 32 KiB window, so an offer of less is passed over;
// a peer that makes no other gets everything uncompressed. Nothing if all offers can stay.
std::optional<upgrade_header> without_small_windows(const upgrade_header& request) {
  const http::ext_list offers{request[http::field::sec_websocket_extensions]};
  std::string kept;
  bool passed_over = false;
  for (const auto& [extension, offer] : offers) {
    if (wants_small_window(offer)) {
      passed_over = true;
      continue;
    }
    kept.append(kept.empty() ? "" : ", ").append(view(extension));
    for (const auto& [name, value] : offer)
      kept.append("; ").append(view(name)).append(value.empty() ? "" : "=").append(view(value));
  }
  if (!passed_over)
    return std::nullopt;
  auto out = request;
  out.set(http::field::sec_websocket_extensions, kept);
  return out;
}

} // namespace

void event_loop::read_request(connection& c) {
  if (c.exchange == nullptr)
    c.exchange = new http_exchange{settings_};
  for (int i = 0; i < request_reads_max; ++i) {
    const auto got = receive(c, scratch_.data(), scratch_.size());
    if (got.what == input::would_block)
      return;
    if (got.what == input::end || got.what == input::failed)
      return destroy(c);
    if (c.state == phase::idle)
      begin_request(c);
    const bool done = act_on(c, c.exchange->feed({scratch_.data(), got.size}));
    if (got.what == input::last_bytes)
      return;
    if (done) {
      reread_later(c); // there may be more, and the edge that announced it is spent
      return;
    }
  }
  reread_later(c);
}

void event_loop::begin_request(connection& c) {
  set_phase(c, phase::request);
  set_deadline(c, settings_.handshake_deadline);
}

// True if the request has been dealt with.
bool event_loop::act_on(connection& c, http_exchange::verdict verdict) {
  using enum http_exchange::verdict;
  switch (verdict) {
  case need_more:
    return false;
  case need_more_say_continue:
    output_.append(c, frame::copy_of(continue_response));
    return false;
  case http_exchange::verdict::upgrade:
    this->upgrade(c);
    return true;
  case complete:
    serve(c);
    return true;
  case malformed:
    refuse(c, refusal_response(400, "This is not an HTTP request."));
    return true;
  case header_too_large:
    refuse(c, refusal_response(431, "The header is too large."));
    return true;
  case body_too_large:
    refuse(c, refusal_response(413, "The body is too large."));
    return true;
  }
  return true;
}

void event_loop::upgrade(connection& c) {
  const std::unique_ptr<http_exchange> exchange{std::exchange(c.exchange, nullptr)};
  const auto& request = exchange->upgrade();
  const auto peer = text_of(slab_.peer(c));
  const upgrade_request asked{view(request.target()),
                              view(request[http::field::origin]),
                              view(request[http::field::user_agent]),
                              view(request[http::field::sec_websocket_protocol]),
                              peer,
                              c.tls != nullptr};
  auto& gateway = exchange->is_echo() ? *group_.echo : group_.gateway;
  const auto verdict = gateway.judge(asked);
  if (!verdict.accepted) {
    stats_.upgrades_refused.add();
    const auto& why = verdict.why_not;
    return refuse(c, refusal_response(why.status, why.sentence, why.retry_after_s));
  }
  const auto fewer_offers = settings_.compression ? without_small_windows(request) : std::nullopt;
  auto shaken = engine::shake_hands(*terms_, fewer_offers ? *fewer_offers : request,
                                    settings_.compression, verdict.subprotocol);
  output_.append(c, frame::copy_of(shaken.response));
  if (!shaken.accepted) {
    stats_.upgrades_refused.add();
    return linger(c);
  }
  c.deadline_tick = 0;
  set_phase(c, phase::open);
  c.deflate = shaken.deflate;
  if (c.deflate)
    group_.deflate_connections.fetch_add(1, std::memory_order_relaxed);
  stats_.upgrades.add();
  c.handler = gateway.open(*this, c.id(), asked, verdict.subprotocol);
  if (const auto first = exchange->leftover(); !first.empty())
    read_frames(c, first);
}

void event_loop::serve(connection& c) {
  stats_.http_requests.add();
  set_phase(c, phase::answering);
  c.deadline_tick = 0;
  if (group_.http == nullptr)
    return answer(c.id(), c.exchange->number(), refusal_response(404, "There is nothing here."));
  auto respond = [box = inbox_, this, socket = c.id(),
                  number = c.exchange->number()](http_response response) {
    box->post([this, socket, number, r = std::move(response)] { answer(socket, number, r); });
  };
  group_.http->handle(c.exchange->take_request(text_of(slab_.peer(c))), std::move(respond));
}

void event_loop::answer(socket_id socket, std::uint32_t number, const http_response& response) {
  auto* c = slab_.find(socket);
  if (c == nullptr || c->state != phase::answering || c->exchange->number() != number)
    return;
  const bool stays = c->exchange->keep_alive() && accepting_;
  const auto keep_alive = stays ? settings_.http_idle_timeout : std::chrono::seconds{0};
  output_.append(*c, frame::copy_of(write_response(response, keep_alive, c->exchange->is_head())));
  if (!stays)
    return linger(*c);
  const std::string leftover{c->exchange->leftover()};
  const auto next = number + 1;
  delete std::exchange(c->exchange, new http_exchange{settings_, next});
  if (leftover.empty()) {
    set_phase(*c, phase::idle);
    set_deadline(*c, settings_.http_idle_timeout + idle_grace);
    return reread_later(*c); // the edge of the next request may be spent
  }
  begin_request(*c);
  if (!act_on(*c, c->exchange->feed(leftover)))
    reread_later(*c);
}

void event_loop::refuse(connection& c, const http_response& response) {
  output_.append(c, frame::copy_of(write_response(response, std::chrono::seconds{0}, false)));
  linger(c);
}

} // namespace argosy::net
