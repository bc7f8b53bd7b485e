#include "runtime/auth/http_fetch.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <exception>
#include <optional>
#include <string_view>
#include <utility>

namespace argosy::auth {

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using tcp = net::ip::tcp;

struct location {
  bool tls = false;
  std::string host; ///< without brackets
  std::string port;
  std::string authority; ///< as written, for the Host header
  std::string target;
};

std::optional<location> parse(std::string_view url) {
  location out;
  out.tls = url.starts_with("https://");
  if (!out.tls && !url.starts_with("http://"))
    return std::nullopt;
  url.remove_prefix(out.tls ? 8 : 7);
  const auto slash = std::min(url.find('/'), url.size());
  out.authority = url.substr(0, slash);
  out.target = slash < url.size() ? url.substr(slash) : "/";
  const std::string_view authority{out.authority};
  const auto bracket = authority.find(']'); // [::1]:8080
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  out.port = colon == std::string_view::npos ? (out.tls ? "443" : "80")
                                             : std::string{authority.substr(colon + 1)};
  out.host = bracket == std::string_view::npos ? authority.substr(0, colon)
                                               : authority.substr(1, bracket - 1);
  if (out.host.empty() || out.host.find('@') != std::string::npos)
    return std::nullopt;
  return out;
}

template <class Stream>
net::awaitable<http::response<http::string_body>> ask(Stream& stream, const location& where,
                                                      std::size_t bytes_max) {
  http::request<http::empty_body> request{http::verb::get, where.target, 11};
  request.set(http::field::host, where.authority);
  request.set(http::field::accept, "application/json");
  request.set(http::field::connection, "close");
  co_await http::async_write(stream, request, net::use_awaitable);
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(bytes_max);
  co_await http::async_read(stream, buffer, parser, net::use_awaitable);
  co_return parser.release();
}

net::awaitable<http::response<http::string_body>> get(const location& where,
                                                      std::size_t bytes_max) {
  const auto executor = co_await net::this_coro::executor;
  tcp::resolver resolver{executor};
  const auto addresses =
      co_await resolver.async_resolve(where.host, where.port, net::use_awaitable);
  tcp::socket socket{executor};
  co_await net::async_connect(socket, addresses, net::use_awaitable);
  if (!where.tls)
    co_return co_await ask(socket, where, bytes_max);
  net::ssl::context context{net::ssl::context::tls_client};
  context.set_default_verify_paths();
  net::ssl::stream<tcp::socket> stream{std::move(socket), context};
  stream.set_verify_mode(net::ssl::verify_peer);
  stream.set_verify_callback(net::ssl::host_name_verification(where.host));
  SSL_set_tlsext_host_name(stream.native_handle(), where.host.c_str());
  co_await stream.async_handshake(net::ssl::stream_base::client, net::use_awaitable);
  co_return co_await ask(stream, where, bytes_max);
}

refusal failed(const std::string& url, const std::string& why) {
  return {errc::not_available, url + " cannot be read: " + why};
}

} // namespace

outcome<std::string> fetch(const std::string& url, std::chrono::milliseconds timeout,
                           std::size_t bytes_max, const std::stop_token& stop) {
  const auto where = parse(url);
  if (!where)
    return failed(url, "not an http or https URL");
  std::optional<outcome<std::string>> result;
  net::io_context context{1};
  net::co_spawn(context, get(*where, bytes_max),
                [&](std::exception_ptr error, http::response<http::string_body> answer) {
                  try {
                    if (error)
                      std::rethrow_exception(error);
                    if (answer.result() == http::status::ok)
                      result.emplace(std::move(answer.body()));
                    else
                      result.emplace(
                          failed(url, "it answers " + std::to_string(answer.result_int())));
                  } catch (const std::exception& thrown) {
                    result.emplace(failed(url, thrown.what()));
                  }
                });
  const std::stop_callback cut{stop, [&] { context.stop(); }};
  context.run_for(timeout);
  if (result)
    return std::move(*result);
  return failed(url, stop.stop_requested()
                         ? "the node is stopping"
                         : "no answer in " + std::to_string(timeout.count()) + " ms");
}

} // namespace argosy::auth
