// client: talks to Argosy from C++; keeps its connection and its subscriptions alive by itself.
//
// Picture a subscriber with a bookmark in every newspaper: when the post is late he does not ask
// for "the news", he asks for what comes after his bookmark. A subscription remembers (epoch,
// offset) of the last publication it handed out, and each reconnect resumes from there; only when
// the server can no longer prove that nothing is missing does it say `recovered = false`.
//
// One thread: make it, call it and destroy it on the thread that runs its io_context (or on one
// strand). All callbacks come from there; any of them may call the client, or destroy it. Nothing
// blocks. Data is any bytes; use JSON text if clients of the JSON dialect listen too.
//
//   boost::asio::io_context io;
//   argosy::client::client c{io, {.url = "ws://localhost:8000/connection/websocket"}};
//   c.subscribe("news", {.recoverable = true}, {.on_publication = [](const argosy::publication& p)
//   {
//     std::cout << p.data << '\n';
//   }});
//   c.connect();
//   io.run();
#pragma once

#include "clients/cpp/backoff.hpp"
#include "clients/cpp/codec.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace argosy::client {

/// Codes of the errors the client makes itself; the server's begin at 100.
inline constexpr std::uint32_t error_timeout = 1;      ///< no reply in time, or never connected
inline constexpr std::uint32_t error_lost = 2;         ///< the connection went away; fate unknown
inline constexpr std::uint32_t error_disconnected = 3; ///< the client is not to connect
inline constexpr std::uint32_t error_unexpected = 4;   ///< the reply is of another kind

/// A value or the reason why there is none.
template <class T>
struct outcome {
  std::optional<T> value;
  client::error error;
  explicit operator bool() const noexcept { return value.has_value(); }
  const T& operator*() const { return *value; }
  const T* operator->() const { return &*value; }
};

/// Called exactly once, also when the connection is lost or the time is up; not called any more
/// once the client is destroyed.
template <class T>
using handler = std::function<void(outcome<T>)>;

/// Delivers a fresh token, now or later; "" = there is none, stay away.
using token_source = std::function<void(std::function<void(std::string)>)>;

enum class encoding { capnp, json };

struct options {
  std::string url{}; ///< ws:// or wss://, with the path
  std::string token{};
  token_source get_token{}; ///< asked when the token has expired or is about to; optional
  encoding wire = encoding::capnp;
  std::string name = "cpp"; ///< of this program, for the server's logs
  std::string version{};
  std::string data{}; ///< sent with every connect
  backoff reconnect{};
  std::chrono::milliseconds open_timeout{10'000};
  std::chrono::milliseconds call_timeout{5'000};
  std::chrono::milliseconds ping_grace{10'000}; ///< silence beyond the ping interval means death
  std::string tls_ca_file{};                    ///< PEM; "" = the system's authorities
  bool tls_verify = true;                       ///< false trusts anybody: for tests only
};

struct disconnected {
  std::uint32_t code = 0;
  std::string_view reason;
  bool will_reconnect = false;
};

/// All optional. Publications and departures of server-side subscriptions come here, with their
/// channel; those of `subscribe` go to the subscription's own.
struct events {
  std::function<void(const connect_result&)> on_connected{};
  std::function<void(const disconnected&)> on_disconnected{};
  std::function<void(std::string_view data)> on_message{};
  std::function<void(std::string_view channel, const publication&)> on_publication{};
  /// The node is leaving. The client moves by itself, at a random moment within `after_ms`.
  std::function<void(const drain_push&)> on_drain{};
};

struct subscribe_options {
  bool recoverable = false;
  bool positioned = false;
  bool join_leave = false;
  std::string token{};
  std::string data{};
  /// Resume from here at the first subscribe: a position kept from an earlier run.
  std::optional<stream_position> since{};
};

struct subscription_events {
  /// After every subscribe. The missed publications follow. `was_recovering && !recovered`: there
  /// is a hole, start over from the state of record.
  std::function<void(const subscribe_result&)> on_subscribed{};
  std::function<void(const publication&)> on_publication{};
  std::function<void(const client_info&)> on_join{};
  std::function<void(const client_info&)> on_leave{};
  /// The server dropped publications for this client: fetch the history, or carry on.
  std::function<void(const gap_push&)> on_gap{};
  /// The subscription is over: refused, or ended by the server. Not called for `unsubscribe`.
  std::function<void(std::uint32_t code, std::string_view reason)> on_unsubscribed{};
};

struct publish_options {
  bool latest = false;           ///< class "latest": only the newest of `key` counts
  std::string key{};             ///< for `latest`
  std::string idempotency_key{}; ///< makes a retry after error_lost safe
};

struct history_options {
  std::int32_t limit = 0; ///< 0 = the position only, -1 = as many as the server allows
  std::optional<stream_position> since{};
  bool reverse = false;
};

class session;

class client {
public:
  client(boost::asio::io_context& io, options o, events e = {});
  ~client(); ///< cuts the connection; no callback comes any more
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Goes online and stays so until `disconnect` or a final close code. A bad URL ends in
  /// on_disconnected at once.
  void connect();
  void connect(std::string token); ///< with another token from now on
  void disconnect();

  /// One subscription a channel; a second call replaces the callbacks and subscribes anew. May be
  /// called before `connect`; lasts until `unsubscribe` or on_unsubscribed.
  void subscribe(std::string channel, subscribe_options o, subscription_events e);
  void unsubscribe(std::string_view channel);

  /// The last position handed out in `channel`, to keep for a later run; nothing if unknown.
  std::optional<stream_position> position(std::string_view channel) const;

  // While connecting these wait for the connection, for at most call_timeout.
  void publish(std::string_view channel, std::string_view data, handler<publish_result> done = {},
               const publish_options& o = {});
  void presence(std::string_view channel, handler<presence_result> done);
  void presence_stats(std::string_view channel, handler<presence_stats_result> done);
  void history(std::string_view channel, const history_options& o, handler<history_result> done);
  void rpc(std::string_view method, std::string_view data, handler<rpc_result> done);

  /// Without a reply; dropped unless connected.
  void send(std::string_view data);

  bool connected() const noexcept;

private:
  std::shared_ptr<session> session_;
};

} // namespace argosy::client
