// asio: the names of Boost.Asio as this directory uses them, once. Errors are values here.
//
// What is awaited gets a name before it is tested: gcc 12.2 lays out the frame of a coroutine that
// says `if (!co_await f())` and has no variable of its own in two ways, and crashes.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace argosy::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

/// `auto [error, result] = co_await socket.async_...(..., told);`
inline constexpr auto told = asio::as_tuple(asio::use_awaitable);

} // namespace argosy::net
