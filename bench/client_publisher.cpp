// A publisher that is a client of the C++ library, driven until each of its questions is answered.
#include "bench/publisher.hpp"
#include "bench/token.hpp"
#include "clients/cpp/client.hpp"

#include <chrono>
#include <stdexcept>

namespace argosy::bench {

namespace {

constexpr std::chrono::seconds patience{10};
constexpr std::string_view user = "bench-publisher";

client::options options_of(const publisher_options& o) {
  client::options out;
  out.url = "ws://" + o.host + ":" + std::to_string(o.port) + std::string(o.server->path);
  if (!o.secret.empty())
    out.token = hs256_token(user, o.secret);
  out.wire = o.how == dialect::capnp ? client::encoding::capnp : client::encoding::json;
  out.name = "bench";
  out.call_timeout = patience;
  return out;
}

class client_publisher final : public publisher {
public:
  explicit client_publisher(const publisher_options& o)
      : room_(o.room),
        client_(io_, options_of(o),
                {.on_connected = [this](const connect_result&) { done_ = true; },
                 .on_disconnected =
                     [this](const client::disconnected& end) {
                       fail(std::to_string(end.code) + " " + std::string(end.reason));
                     }}) {
    client_.connect();
    await_done();
  }

  void publish(const std::string& payload) override {
    client_.publish(room_, payload, [this](const client::outcome<publish_result>& out) {
      if (out)
        done_ = true;
      else
        fail(std::to_string(out.error.code) + " " + out.error.message);
    });
    await_done();
  }

private:
  void fail(std::string why) {
    if (trouble_.empty())
      trouble_ = std::move(why);
  }

  void await_done() {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!done_ && trouble_.empty())
      if (io_.run_one_until(deadline) == 0)
        throw std::runtime_error("the server did not answer the publisher in 10 s");
    if (!trouble_.empty())
      throw std::runtime_error("the server refused the publisher: " + trouble_);
    done_ = false;
  }

  std::string room_;
  bool done_ = false;
  std::string trouble_; ///< why there is nothing more to come; empty: all is well
  boost::asio::io_context io_;
  client::client client_;
};

} // namespace

std::unique_ptr<publisher> make_client_publisher(const publisher_options& options) {
  return std::make_unique<client_publisher>(options);
}

} // namespace argosy::bench
