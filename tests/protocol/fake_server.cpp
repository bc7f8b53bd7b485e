#include "tests/protocol/fake_server.hpp"

#include "tests/protocol/frames.hpp"
#include "tests/protocol/recorder.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <deque>
#include <stdexcept>
#include <utility>

namespace argosy::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

struct fake_server::state {
  state(asio::io_context& io, const dialect& d, script a, asio::ssl::context* t)
      : acceptor(io, {asio::ip::address_v4::loopback(), 0}), spoken(d), answer(std::move(a)),
        tls(t) {}

  tcp::acceptor acceptor;
  const dialect& spoken;
  script answer;
  asio::ssl::context* tls;
  std::vector<std::string> seen;
  std::vector<std::weak_ptr<peer>> peers;
};

namespace {

using plain_stream = beast::tcp_stream;
using tls_stream = beast::ssl_stream<beast::tcp_stream>;

template <class Stream>
class connection final : public peer,
                         public command_sink,
                         public std::enable_shared_from_this<connection<Stream>> {
public:
  template <class... Arguments>
  connection(std::shared_ptr<fake_server::state> server, Arguments&&... arguments)
      : server_(std::move(server)), socket_(std::forward<Arguments>(arguments)...) {}

  void start() {
    if constexpr (std::is_same_v<Stream, tls_stream>)
      socket_.next_layer().async_handshake(asio::ssl::stream_base::server,
                                           [self = this->shared_from_this()](beast::error_code ec) {
                                             if (!ec)
                                               self->upgrade();
                                           });
    else
      upgrade();
  }

  void reply(std::uint32_t id, const reply_body& body) override {
    send(server_->spoken.encode_reply(id, body));
  }
  void push(std::string_view channel, const push_body& body) override {
    send(server_->spoken.encode_push(channel, body, true));
  }
  void ping() override { send(server_->spoken.ping()); }
  void close(std::uint16_t code) override {
    socket_.async_close(static_cast<websocket::close_code>(code),
                        [self = this->shared_from_this()](beast::error_code) {});
  }
  void cut() override { beast::get_lowest_layer(socket_).close(); }

  bool on_command(const command& c) override {
    server_->seen.push_back(describe(c));
    if (const auto* hello = std::get_if<connect_command>(&c.body)) {
      connect_result welcome;
      welcome.client = {1, 2};
      reply(c.id, hello->token == "expired" ? reply_body{errc::token_expired}
                                            : reply_body{std::move(welcome)});
    }
    server_->answer(*this, c);
    return true;
  }

private:
  void upgrade() {
    socket_.set_option(websocket::stream_base::decorator([this](websocket::response_type& r) {
      if (!server_->spoken.subprotocol().empty())
        r.set(beast::http::field::sec_websocket_protocol,
              std::string{server_->spoken.subprotocol()});
    }));
    socket_.async_accept([self = this->shared_from_this()](beast::error_code ec) {
      if (!ec)
        self->read();
    });
  }

  void read() {
    socket_.async_read(inbox_, [self = this->shared_from_this()](beast::error_code ec,
                                                                 std::size_t) {
      if (ec)
        return;
      const std::string message = beast::buffers_to_string(self->inbox_.cdata());
      self->inbox_.clear();
      if (self->server_->spoken.decode(message, self->socket_.got_binary(), *self) != errc::none)
        return self->close(3501);
      self->read();
    });
  }

  void send(const frame& f) {
    outbox_.push_back(f);
    if (outbox_.size() == 1)
      write();
  }

  void write() {
    socket_.binary(opcode_of(outbox_.front()) == opcode::binary);
    const auto payload = payload_of(outbox_.front());
    socket_.async_write(asio::buffer(payload.data(), payload.size()),
                        [self = this->shared_from_this()](beast::error_code ec, std::size_t) {
                          self->outbox_.pop_front();
                          if (!ec && !self->outbox_.empty())
                            self->write();
                        });
  }

  std::shared_ptr<fake_server::state> server_;
  websocket::stream<Stream> socket_;
  beast::flat_buffer inbox_;
  std::deque<frame> outbox_;
};

template <class Connection>
void admit(const std::shared_ptr<fake_server::state>& server, std::shared_ptr<Connection> c) {
  server->peers.push_back(c);
  c->start();
}

void accept(const std::shared_ptr<fake_server::state>& server) {
  server->acceptor.async_accept([server](beast::error_code ec, tcp::socket socket) {
    if (ec)
      return;
    if (server->tls != nullptr)
      admit(server,
            std::make_shared<connection<tls_stream>>(server, std::move(socket), *server->tls));
    else
      admit(server, std::make_shared<connection<plain_stream>>(server, std::move(socket)));
    accept(server);
  });
}

} // namespace

fake_server::fake_server(asio::io_context& io, const dialect& d, script answer,
                         asio::ssl::context* tls)
    : state_(std::make_shared<state>(io, d, std::move(answer), tls)) {
  accept(state_);
}

fake_server::~fake_server() {
  beast::error_code ignored;
  state_->acceptor.close(ignored);
  for (const auto& p : state_->peers)
    if (const auto alive = p.lock())
      alive->cut();
}

std::string fake_server::url() const {
  return (state_->tls != nullptr ? "wss://localhost:" : "ws://127.0.0.1:")
         + std::to_string(state_->acceptor.local_endpoint().port()) + "/connection/websocket";
}

const std::vector<std::string>& fake_server::seen() const noexcept {
  return state_->seen;
}

peer& fake_server::newest() {
  const auto alive = state_->peers.empty() ? nullptr : state_->peers.back().lock();
  if (alive == nullptr)
    throw std::logic_error{"no connection"};
  return *alive;
}

asio::ssl::context self_signed_context() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());

  asio::ssl::context tls{asio::ssl::context::tls_server};
  SSL_CTX_use_certificate(tls.native_handle(), certificate);
  SSL_CTX_use_PrivateKey(tls.native_handle(), key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return tls;
}

} // namespace argosy::test
