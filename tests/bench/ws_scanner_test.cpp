#include "bench/ws_scanner.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace argosy::bench;

namespace {

/// What a server would send: unmasked.
std::string server_frame(ws_opcode opcode, const std::string& payload, bool fin = true) {
  std::string out(1, static_cast<char>((fin ? 0x80 : 0) | static_cast<int>(opcode)));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(payload.size()));
  } else if (payload.size() <= 0xFFFF) {
    out.push_back(126);
    out.push_back(static_cast<char>(payload.size() >> 8));
    out.push_back(static_cast<char>(payload.size() & 0xFF));
  } else {
    out.push_back(127);
    for (int shift = 56; shift >= 0; shift -= 8)
      out.push_back(static_cast<char>(payload.size() >> shift & 0xFF));
  }
  return out + payload;
}

struct frames {
  std::vector<std::string> payloads;
  std::vector<ws_opcode> opcodes;
  int open = 0;

  void operator()(const ws_piece& piece) {
    if (piece.first) {
      ++open;
      payloads.emplace_back();
      opcodes.push_back(piece.opcode);
    }
    payloads.back().append(piece.bytes);
    if (piece.last)
      --open;
  }
};

} // namespace

TEST_CASE("ws_scanner: hands over a frame that arrived whole in one piece") {
  ws_scanner scanner;
  int pieces = 0;
  REQUIRE(scanner.feed(server_frame(ws_opcode::text, "hello"), [&](const ws_piece& piece) {
    ++pieces;
    CHECK(piece.whole());
    CHECK(piece.bytes == "hello");
    CHECK(piece.opcode == ws_opcode::text);
  }));
  CHECK(pieces == 1);
}

TEST_CASE("ws_scanner: gives the same frames however the stream is cut") {
  std::mt19937 random(7);
  std::string stream;
  std::vector<std::string> sent;
  for (const std::size_t size : {0, 1, 125, 126, 127, 300, 65'535, 65'536, 70'000, 0, 2}) {
    sent.push_back(std::string(size, static_cast<char>('a' + sent.size())));
    stream += server_frame(sent.size() % 2 != 0 ? ws_opcode::text : ws_opcode::binary, sent.back());
  }
  for (int round = 0; round < 200; ++round) {
    ws_scanner scanner;
    frames got;
    std::size_t at = 0;
    while (at < stream.size()) {
      const std::size_t most = round % 2 == 0 ? 5 : 40'000;
      const auto n = std::uniform_int_distribution<std::size_t>(1, most)(random);
      REQUIRE(scanner.feed(std::string_view(stream).substr(at, n), std::ref(got)));
      at += n;
    }
    REQUIRE(got.payloads == sent);
    REQUIRE(got.open == 0);
  }
}

TEST_CASE("ws_scanner: refuses what a server may not send") {
  const auto refused = [](std::string bytes) {
    ws_scanner scanner;
    return !scanner.feed(bytes, [](const ws_piece&) {});
  };
  CHECK(refused(client_frame(ws_opcode::text, "masked")));
  CHECK(refused("\xC1\x01x"));                        // RSV1 without an extension
  CHECK(refused("\x83\x01x"));                        // reserved opcode
  CHECK(refused(std::string("\x89\x7E\x00\x80", 4))); // a ping longer than 125
  CHECK(refused(std::string("\x81\x7F\x00\x00\x00\x01\x00\x00\x00\x00", 10)));
}

TEST_CASE("client_frame: is masked and carries its length in the shortest form") {
  for (const std::size_t size : {0, 125, 126, 65'535, 65'536}) {
    const auto frame = client_frame(ws_opcode::binary, std::string(size, 'x'));
    CHECK((frame[1] & 0x80) != 0);
    CHECK(frame.size() == size + (size < 126 ? 6 : size < 65'536 ? 8 : 14));
  }
}
