// Whatever way TCP cuts the bytes of many peers, and however frames, fragments, pings and
// compressed messages are mixed, every peer gets its own messages back and nothing of anybody
// else's: the proof that engines can be lent around. Seeded; a failure prints its seed.
#include "runtime/deflate.hpp"
#include "tests/net/fixture.hpp"
#include "tests/net/inflate.hpp"

#include <doctest/doctest.h>

#include <random>

namespace argosy::test {

namespace {

class speaker {
public:
  speaker(std::uint16_t port, bool tls, bool deflate, std::mt19937& random) : connection_(port) {
    if (tls)
      connection_.start_tls();
    bytes_ =
        upgrade_text("/echo", deflate ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "");
    for (int m = 0; m < 20; ++m)
      add_message(m, deflate, random);
    bytes_ += client_close(1000);
  }

  bool done() const { return sent_ == bytes_.size(); }

  /// Sends a random piece. Returns its size.
  std::size_t send_piece(std::mt19937& random) {
    const std::size_t sizes[] = {1,
                                 2,
                                 3,
                                 1 + random() % 10,
                                 1 + random() % 200,
                                 1536,
                                 1 + random() % 5000,
                                 1 + random() % 60'000};
    const auto size = std::min(sizes[random() % std::size(sizes)], bytes_.size() - sent_);
    connection_.send(std::string_view{bytes_}.substr(sent_, size));
    sent_ += size;
    return size;
  }

  void check_answers() {
    REQUIRE(connection_.read_answer().status == 101);
    std::size_t messages = 0;
    std::size_t pongs = 0;
    while (const auto f = connection_.next()) {
      if (f->opcode == 8)
        break;
      if (f->opcode == 10) {
        ++pongs;
        continue;
      }
      REQUIRE(messages < expected_.size());
      REQUIRE((message_of(*f) == expected_[messages++]));
    }
    CHECK(messages == expected_.size());
    CHECK(pongs == pings_);
  }

private:
  void add_message(int number, bool deflate, std::mt19937& random) {
    const std::size_t sizes[] = {0,
                                 1,
                                 random() % 125,
                                 125,
                                 126,
                                 random() % 2000,
                                 1528,
                                 1530,
                                 1500 + random() % 80,
                                 random() % 65'536};
    std::string text(sizes[random() % std::size(sizes)], '\0');
    for (std::size_t i = 0; i < text.size(); ++i)
      text[i] = static_cast<char>('a' + (i * 7 + static_cast<std::size_t>(number)) % 26);
    expected_.push_back(text);
    const bool compressed = deflate && random() % 2 == 0;
    const auto wire = compressed ? deflate_message(text) : text;
    const int kind = 1 + static_cast<int>(random() % 2);
    const auto parts = 1 + random() % 3;
    std::size_t from = 0;
    for (std::size_t part = 0; part < parts; ++part) {
      const bool last = part + 1 == parts;
      const auto to = last ? wire.size() : from + random() % (wire.size() - from + 1);
      bytes_ += client_frame(part == 0 ? kind : 0, wire.substr(from, to - from), last, true,
                             compressed && part == 0);
      from = to;
      if (random() % 3 == 0) {
        bytes_ += client_frame(9, "ping");
        ++pings_;
      }
    }
  }

  client connection_;
  std::string bytes_;
  std::size_t sent_ = 0;
  std::vector<std::string> expected_;
  std::size_t pings_ = 0;
};

void speak(net::settings s, bool tls, bool deflate, unsigned seed) {
  CAPTURE(seed);
  std::mt19937 random{seed};
  s.outbound.total_bytes_max = 64 << 20;
  for (auto& lane : s.outbound.lanes)
    lane.bytes_max = 64 << 20;
  s.compression = deflate;
  recording_gateway gateway;
  net::server server{s, gateway};
  REQUIRE(server.start() == "");
  std::vector<std::unique_ptr<speaker>> speakers;
  for (int i = 0; i < 24; ++i)
    speakers.push_back(
        std::make_unique<speaker>(server.port(), tls, deflate && i % 3 != 0, random));
  std::uint64_t sent = 0;
  auto unfinished = speakers.size();
  while (unfinished > 0) {
    auto& who = *speakers[random() % speakers.size()];
    if (who.done())
      continue;
    sent += who.send_piece(random);
    unfinished -= who.done() ? 1 : 0;
    // Often enough the server must have read this piece before the next one comes.
    if (random() % 2 == 0)
      REQUIRE(eventually([&] { return server.stats(0).bytes_in.value() >= sent; }));
  }
  for (auto& who : speakers)
    who->check_answers();
  CHECK(eventually([&] { return server.stats(0).engines_bound.value() == 0; }));
}

} // namespace

TEST_CASE("chunking: pooled engines survive any split of plain streams") {
  for (unsigned seed = 1; seed <= 8; ++seed)
    speak(test_settings(), false, false, seed);
}

TEST_CASE("chunking: pooled engines survive any split of compressed and plain streams together") {
  for (unsigned seed = 101; seed <= 106; ++seed)
    speak(test_settings(), false, true, seed);
}

TEST_CASE("chunking: pooled engines survive any split of TLS streams") {
  const temporary_certificate certificate;
  auto s = test_settings();
  s.endpoints[0].tls = true;
  s.tls_certificate_file = certificate.certificate_file();
  s.tls_key_file = certificate.key_file();
  for (unsigned seed = 201; seed <= 204; ++seed)
    speak(s, true, seed % 2 == 0, seed);
}

} // namespace argosy::test
