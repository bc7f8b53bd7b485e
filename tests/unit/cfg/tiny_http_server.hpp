// tiny_http_server: answers every request on 127.0.0.1 with the same bytes, plain or over TLS.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace argosy {

class tiny_http_server {
public:
  /// `answer` "" = accept and stay silent. A PEM text of key and certificate makes it a TLS server.
  explicit tiny_http_server(std::string answer, const std::string& pem = {})
      : answer_(std::move(answer)) {
    if (!pem.empty()) {
      tls_.emplace(boost::asio::ssl::context::tls_server);
      tls_->use_certificate_chain(boost::asio::buffer(pem));
      tls_->use_private_key(boost::asio::buffer(pem), boost::asio::ssl::context::pem);
    }
    thread_ = std::thread{[this] { run(); }};
  }

  ~tiny_http_server() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket knock{context_};
    knock.connect({boost::asio::ip::address_v4::loopback(), port()}, ignored);
    knock.close(ignored);
    thread_.join();
  }

  unsigned short port() const { return acceptor_.local_endpoint().port(); }
  std::string url(const std::string& path = "/") const {
    return (tls_ ? "https" : "http") + std::string{"://127.0.0.1:"} + std::to_string(port()) + path;
  }

private:
  using tcp = boost::asio::ip::tcp;

  void run() {
    while (!stopping_) {
      boost::system::error_code error;
      tcp::socket socket = acceptor_.accept(error);
      if (error || stopping_)
        continue;
      if (!tls_) {
        serve(socket);
        continue;
      }
      boost::asio::ssl::stream<tcp::socket&> stream{socket, *tls_};
      stream.handshake(boost::asio::ssl::stream_base::server, error);
      if (!error)
        serve(stream);
    }
  }

  /// Reads until the end of the header, answers, and waits for the peer to go.
  template <class Stream>
  void serve(Stream& stream) {
    boost::system::error_code error;
    std::string heard;
    char byte[1];
    while (!heard.ends_with("\r\n\r\n") && !error)
      heard.append(byte, stream.read_some(boost::asio::buffer(byte), error));
    if (!answer_.empty() && !error)
      boost::asio::write(stream, boost::asio::buffer(answer_), error);
    while (!error)
      stream.read_some(boost::asio::buffer(byte), error);
  }

  std::string answer_;
  std::atomic<bool> stopping_{false};
  boost::asio::io_context context_;
  tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::optional<boost::asio::ssl::context> tls_;
  std::thread thread_;
};

} // namespace argosy
