// cpp_chat: a chat room in a terminal. Type a line to say it; Ctrl-D leaves.
//
//   cpp_chat ws://127.0.0.1:8000/connection/websocket lobby [TOKEN]
//
// Stop the node and start it again while this runs: the connection comes back by itself, and in a
// room that keeps history nothing that was said meanwhile is missing.

#include "clients/cpp/client.hpp"
#include "runtime/core/json_writer.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>

#include <functional>
#include <iostream>
#include <string>
#include <unistd.h>

namespace {

using namespace argosy;

/// Calls `say` with each line that is typed, `leave` at the end.
class typist {
public:
  typist(boost::asio::io_context& io, std::function<void(std::string)> say,
         std::function<void()> leave)
      : keyboard_(io, ::dup(STDIN_FILENO)), say_(std::move(say)), leave_(std::move(leave)) {
    next();
  }

private:
  void next() {
    boost::asio::async_read_until(keyboard_, typed_, '\n',
                                  [this](boost::system::error_code ec, std::size_t) {
                                    if (ec)
                                      return leave_();
                                    std::istream in{&typed_};
                                    std::string line;
                                    std::getline(in, line);
                                    say_(std::move(line));
                                    next();
                                  });
  }

  boost::asio::posix::stream_descriptor keyboard_;
  boost::asio::streambuf typed_;
  std::function<void(std::string)> say_;
  std::function<void()> leave_;
};

std::string as_json(std::string_view line) {
  std::string out;
  json_writer{out}.open_object().member("text").text(line).close_object();
  return out;
}

client::events life_signs() {
  client::events e;
  e.on_connected = [](const connect_result& r) {
    std::cout << "* connected as " << r.client.text() << '\n';
  };
  e.on_disconnected = [](const client::disconnected& d) {
    std::cout << "* disconnected: " << d.reason
              << (d.will_reconnect ? ", coming back\n" : ", for good\n");
  };
  return e;
}

client::subscription_events room_events() {
  client::subscription_events e;
  e.on_subscribed = [](const subscribe_result& r) {
    if (r.was_recovering)
      std::cout << (r.recovered ? "* nothing was missed\n" : "* something may be missing\n");
  };
  e.on_publication = [](const publication& p) {
    std::cout << (p.info != nullptr && !p.info->user.empty() ? p.info->user : "somebody") << ": "
              << p.data << '\n';
  };
  e.on_join = [](const client_info& who) { std::cout << "* " << who.user << " came in\n"; };
  e.on_leave = [](const client_info& who) { std::cout << "* " << who.user << " left\n"; };
  e.on_unsubscribed = [](std::uint32_t code, std::string_view reason) {
    std::cout << "* the room is closed to us: " << reason << " (" << code << ")\n";
  };
  return e;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: cpp_chat URL ROOM [TOKEN]\n";
    return 2;
  }
  const std::string room = argv[2];
  boost::asio::io_context io;
  client::options o;
  o.url = argv[1];
  o.token = argc > 3 ? argv[3] : "";
  client::client chat{io, o, life_signs()};

  client::subscribe_options wanted;
  wanted.recoverable = true;
  wanted.join_leave = true;
  chat.subscribe(room, wanted, room_events());
  chat.connect();

  const typist keyboard{io,
                        [&](const std::string& line) {
                          chat.publish(room, as_json(line), [](const auto& result) {
                            if (!result)
                              std::cout << "* not said: " << result.error.message << '\n';
                          });
                        },
                        [&] {
                          chat.disconnect();
                          io.stop();
                        }};
  io.run();
  return 0;
}
