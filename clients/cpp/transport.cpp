#include "clients/cpp/transport.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <concepts>
#include <deque>
#include <optional>
#include <utility>

namespace argosy::client {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using beast::error_code;

using plain_stream = beast::tcp_stream;
using tls_stream = beast::ssl_stream<beast::tcp_stream>;

/// The parts that are the same with and without TLS. Each operation holds the object alive.
template <class Stream>
class websocket_transport final : public transport,
                                  public std::enable_shared_from_this<websocket_transport<Stream>> {
public:
  template <class... StreamArguments>
  websocket_transport(asio::io_context& io, transport_options options, transport_events& events,
                      StreamArguments&&... arguments)
      : resolver_(io), socket_(io, std::forward<StreamArguments>(arguments)...),
        options_(std::move(options)), events_(&events) {}

  void open() override {
    resolver_.async_resolve(options_.target.host, options_.target.port,
                            handler([this](error_code ec, tcp::resolver::results_type found) {
                              if (!ended(ec, "cannot resolve the host"))
                                connect(found);
                            }));
  }

  void send(std::string message) override {
    outbox_.push_back(std::move(message));
    if (open_ && outbox_.size() == 1)
      write();
  }

  void close(std::uint16_t code, std::string_view reason) override {
    events_ = nullptr;
    goodbye_.emplace(static_cast<websocket::close_code>(code),
                     boost::string_view{reason.data(), reason.size()});
    if (!open_)
      cut();
    else if (outbox_.empty())
      say_goodbye();
  }

  void detach() override {
    events_ = nullptr;
    cut();
  }

private:
  /// `f` bound to this object's life.
  template <class Function>
  auto handler(Function f) {
    return [ self = this->shared_from_this(), f = std::move(f) ](
        auto&&... arguments) mutable requires std::invocable<Function&, decltype(arguments)...> {
      f(std::forward<decltype(arguments)>(arguments)...);
    };
  }

  plain_stream& lowest() { return beast::get_lowest_layer(socket_); }

  void connect(const tcp::resolver::results_type& found) {
    lowest().expires_after(options_.open_timeout);
    lowest().async_connect(found, handler([this](error_code ec, const tcp::endpoint&) {
                             if (ended(ec, "cannot connect"))
                               return;
                             error_code ignored;
                             lowest().socket().set_option(tcp::no_delay{true}, ignored);
                             secure();
                           }));
  }

  void secure() {
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      auto& tls = socket_.next_layer();
      ::SSL_set_tlsext_host_name(tls.native_handle(), options_.target.host.c_str());
      tls.set_verify_callback(asio::ssl::host_name_verification{options_.target.host});
      tls.async_handshake(asio::ssl::stream_base::client, handler([this](error_code ec) {
                            if (!ended(ec, "TLS handshake failed"))
                              upgrade();
                          }));
    } else {
      upgrade();
    }
  }

  void upgrade() {
    lowest().expires_never();
    auto timeouts = websocket::stream_base::timeout::suggested(beast::role_type::client);
    timeouts.handshake_timeout = options_.open_timeout;
    socket_.set_option(timeouts);
    socket_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      if (!options_.subprotocol.empty())
        request.set(beast::http::field::sec_websocket_protocol, options_.subprotocol);
    }));
    socket_.read_message_max(options_.message_bytes_max);
    socket_.binary(options_.binary);
    socket_.async_handshake(answer_, options_.target.authority(), options_.target.path,
                            handler([this](error_code ec) { upgraded(ec); }));
  }

  void upgraded(error_code ec) {
    if (ended(ec, "the server refused the upgrade"))
      return;
    if (answer_[beast::http::field::sec_websocket_protocol] != options_.subprotocol)
      return end(1002, "the server does not speak the dialect");
    open_ = true;
    if (!outbox_.empty())
      write();
    if (events_ != nullptr)
      events_->on_open();
    read();
  }

  void read() {
    socket_.async_read(
        inbox_, handler([this](error_code ec, std::size_t) {
          if (ended(ec, "the connection was lost"))
            return;
          const auto bytes = inbox_.cdata();
          if (events_ != nullptr)
            events_->on_message({static_cast<const char*>(bytes.data()), bytes.size()});
          inbox_.consume(inbox_.size());
          read();
        }));
  }

  void write() {
    socket_.async_write(asio::buffer(outbox_.front()), handler([this](error_code ec, std::size_t) {
                          if (ec) // the read that is under way reports the end
                            return;
                          outbox_.pop_front();
                          if (!outbox_.empty())
                            write();
                          else if (goodbye_)
                            say_goodbye();
                        }));
  }

  void say_goodbye() {
    socket_.async_close(*goodbye_, handler([](error_code) {}));
  }

  bool ended(error_code ec, std::string_view what) {
    if (!ec)
      return false;
    if (ec == websocket::error::closed) {
      const auto& said = socket_.reason();
      end(said.code == websocket::close_code::none ? 1005 : said.code,
          {said.reason.data(), said.reason.size()});
    } else if (ec == asio::ssl::error::stream_truncated || ec == asio::error::eof) {
      end(1006, what);
    } else {
      end(1006, std::string{what} + ": " + ec.message());
    }
    return true;
  }

  void end(std::uint16_t code, std::string_view reason) {
    cut();
    if (auto* events = std::exchange(events_, nullptr); events != nullptr)
      events->on_end(code, reason);
  }

  void cut() {
    resolver_.cancel();
    lowest().close();
  }

  tcp::resolver resolver_;
  websocket::stream<Stream> socket_;
  transport_options options_;
  transport_events* events_;
  websocket::response_type answer_;
  beast::flat_buffer inbox_;
  std::deque<std::string> outbox_; ///< the front one is being written once the socket is open
  std::optional<websocket::close_reason> goodbye_;
  bool open_ = false;
};

} // namespace

std::shared_ptr<transport> make_transport(boost::asio::io_context& io,
                                          boost::asio::ssl::context* tls, transport_options options,
                                          transport_events& events) {
  if (tls != nullptr)
    return std::make_shared<websocket_transport<tls_stream>>(io, std::move(options), events, *tls);
  return std::make_shared<websocket_transport<plain_stream>>(io, std::move(options), events);
}

} // namespace argosy::client
