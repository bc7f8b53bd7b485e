// Bytes that no client of ours would send: cut, mutated, spliced. The promises are in
// tests/fuzz/exercise.hpp; what is asked here on top is that a cut command is never taken for one.

#include "tests/fuzz/exercise.hpp"
#include "tests/protocol/capnp_client.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace argosy::test {

namespace {

const std::vector<std::string> json_samples = {
    R"({"id":1,"connect":{"token":"t","data":{"a":[1,2]},"name":"js","subs":{"a":{"recover":true,"offset":7,"epoch":"e"}}}})",
    R"({"id":2,"subscribe":{"channel":"r\u00e9\ud83d\ude00","recover":true,"epoch":"_","offset":5,"flag":2}})",
    R"({"id":3,"publish":{"channel":"a","data":{"t":"x\\\"","n":-1.5e+10,"l":[true,false,null,{}]},"key":"k"}})",
    R"({"id":4,"history":{"channel":"a","limit":-1,"since":{"offset":3,"epoch":"e"},"reverse":true}})",
    R"({"id":5,"rpc":{"method":"m","data":"x"},"later":[{"a":"b"}]})",
};

std::vector<std::string> capnp_samples() {
  using builder = wire::Command::Builder;
  const auto connect = [](builder c) {
    c.setId(1);
    c.initConnect().setToken("token");
    c.getConnect().initSubs(2)[1].setChannel("a");
  };
  const auto publish = [](builder c) {
    c.setId(2);
    c.initPublish().setChannel("room");
    c.getPublish().initData(20)[0] = '[';
    c.getPublish().setKey("k");
  };
  const auto history = [](builder c) {
    c.setId(3);
    c.initHistory().initSince().setEpoch("epoch");
  };
  return {client_message({connect}), client_message({publish}),
          client_message({connect, history, publish, history})};
}

class mutator {
public:
  explicit mutator(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }

  std::string mutated(const std::vector<std::string>& samples) {
    std::string text = samples[below(samples.size())];
    for (std::size_t n = 1 + below(4); n > 0; --n)
      mutate(text, samples);
    return text;
  }

private:
  char any_byte() {
    constexpr std::string_view telling{"{}[]\",:\\/\n\r\t 0-e.u\0\xff\x80\xed\xc0\x7f\x01", 25};
    return below(2) == 0 ? telling[below(telling.size())] : static_cast<char>(random_());
  }

  void mutate(std::string& text, const std::vector<std::string>& samples) {
    const std::size_t at = below(text.size() + 1);
    switch (below(6)) {
    case 0:
      text.insert(at, 1, any_byte());
      break;
    case 1:
      text.erase(at, 1 + below(4));
      break;
    case 2:
      text.resize(at);
      break;
    case 3:
      text.insert(at, text.substr(below(text.size() + 1), below(16)));
      break;
    case 4: {
      const auto& other = samples[below(samples.size())];
      text = text.substr(0, at) + other.substr(below(other.size() + 1));
      break;
    }
    default:
      if (at < text.size())
        text[at] = below(2) == 0 ? any_byte() : static_cast<char>(text[at] ^ (1 << below(8)));
    }
  }

  std::mt19937 random_;
};

} // namespace

TEST_CASE("json decoding: a command cut anywhere is refused") {
  for (const auto& sample : json_samples)
    for (std::size_t n = 0; n < sample.size(); ++n)
      CHECK(exercise(json_dialect(), std::string_view{sample}.substr(0, n), false)
            == errc::closed_bad_request);
}

TEST_CASE("capnp decoding: a message cut anywhere is refused") {
  for (const auto& sample : capnp_samples()) {
    CHECK(exercise(capnp_dialect(), sample, true) == errc::none);
    for (std::size_t n = 0; n < sample.size(); ++n)
      CHECK(exercise(capnp_dialect(), std::string_view{sample}.substr(0, n), true)
            == errc::closed_bad_request);
  }
}

TEST_CASE("json decoding: mutated commands keep every promise") {
  std::size_t taken = 0;
  mutator m{20'250'101};
  for (int i = 0; i < 30'000; ++i)
    taken += exercise(json_dialect(), m.mutated(json_samples), false) == errc::none;
  CHECK(taken > 100);    // the mutations are not all nonsense
  CHECK(taken < 29'000); // nor all harmless
}

TEST_CASE("capnp decoding: mutated messages keep every promise") {
  std::size_t taken = 0;
  mutator m{20'250'102};
  const auto samples = capnp_samples();
  for (int i = 0; i < 30'000; ++i)
    taken += exercise(capnp_dialect(), m.mutated(samples), true) == errc::none;
  CHECK(taken > 100);
  CHECK(taken < 29'000);
}

TEST_CASE("capnp decoding: every bit of a message may be wrong") {
  for (auto sample : capnp_samples())
    for (std::size_t bit = 0; bit < 8 * sample.size(); ++bit) {
      const auto flip = static_cast<char>(1 << bit % 8);
      sample[bit / 8] ^= flip;
      exercise(capnp_dialect(), sample, true);
      sample[bit / 8] ^= flip;
    }
}

} // namespace argosy::test
