// batch_codec: envelopes go into a batch as they are, and come out of it as they were.
#include "runtime/wire/node/batch_codec.hpp"
#include "tests/unit/wire/envelopes.hpp"
#include "tests/unit/wire/same.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using argosy::cluster::shared_bytes;
using argosy::wire::batch_head;
using argosy::wire::batch_view;
using argosy::wire::envelope_flaw;

namespace argosy::testing {

namespace {

std::vector<shared_bytes> some_envelopes(any_message& any) {
  std::vector<shared_bytes> all;
  for_each_message(any, [&](const auto& message) {
    all.push_back(std::make_shared<const std::string>(encoded(enveloped(any, message))));
  });
  return all;
}

batch_head any_head(any_message& any) {
  return {any.make<std::uint64_t>(), any.make<std::uint64_t>(), any.make<std::uint64_t>(),
          any.make<std::uint64_t>()};
}

batch_view decoded_batch(std::string_view bytes) {
  batch_view out;
  REQUIRE(wire::decode_batch(bytes, out) == envelope_flaw::none);
  return out;
}

bool holds(const batch_view& batch, const std::vector<shared_bytes>& envelopes) {
  return std::equal(batch.envelopes.begin(), batch.envelopes.end(), envelopes.begin(),
                    envelopes.end(),
                    [](std::string_view a, const shared_bytes& b) { return a == *b; });
}

} // namespace

TEST_CASE("batch_codec: a batch arrives as it was sent") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    any_message any{seed};
    const auto head = any_head(any);
    auto envelopes = some_envelopes(any);
    envelopes.resize(any.below(envelopes.size() + 1));
    const auto bytes = wire::encode_batch(head, std::span<const shared_bytes>{envelopes});
    const auto batch = decoded_batch(bytes);
    CHECK(batch.head == head);
    CHECK(holds(batch, envelopes));
  }
}

TEST_CASE("batch_codec: a batch of the outbox is written alike") {
  any_message any{3};
  const auto envelopes = some_envelopes(any);
  std::vector<cluster::outbox::envelope> queued;
  for (const auto& e : envelopes)
    queued.push_back({cluster::link_lane::event, cluster::message_class::lag, 7, e});
  const auto head = any_head(any);
  CHECK(wire::encode_batch(head, std::span<const shared_bytes>{envelopes})
        == wire::encode_batch(head, std::span<const cluster::outbox::envelope>{queued}));
}

TEST_CASE("batch_codec: credit alone is a batch") {
  const auto bytes = wire::encode_batch({3, 8, 4096, 5}, std::span<const shared_bytes>{});
  CHECK(bytes.size() <= 64);
  const auto batch = decoded_batch(bytes);
  CHECK(batch.head == batch_head{3, 8, 4096, 5});
  CHECK(batch.envelopes.empty());
}

TEST_CASE("batch_codec: the envelopes lie in the bytes, wherever those lie") {
  any_message any{4};
  const auto envelopes = some_envelopes(any);
  const auto bytes = wire::encode_batch({1, 2, 3, 4}, std::span<const shared_bytes>{envelopes});
  for (std::size_t gap = 0; gap < 8; ++gap) {
    const auto shifted = std::string(gap, '.') + bytes;
    const auto batch = decoded_batch(std::string_view{shifted}.substr(gap));
    CHECK(holds(batch, envelopes));
    for (const auto e : batch.envelopes) {
      CHECK(e.data() >= shifted.data());
      CHECK(e.data() + e.size() <= shifted.data() + shifted.size());
    }
  }
}

TEST_CASE("batch_codec: an envelope that cannot be read spoils no other") {
  any_message any{5};
  auto envelopes = some_envelopes(any);
  envelopes[1] = std::make_shared<const std::string>("garbage");
  envelopes[2] = std::make_shared<const std::string>();
  const auto bytes = wire::encode_batch({1, 2, 3, 4}, std::span<const shared_bytes>{envelopes});
  const auto batch = decoded_batch(bytes);
  REQUIRE(batch.envelopes.size() == envelopes.size());
  for (std::size_t i = 0; i < envelopes.size(); ++i)
    CHECK(flaw_of(batch.envelopes[i])
          == (i == 1 || i == 2 ? envelope_flaw::layout : envelope_flaw::none));
}

TEST_CASE("batch_codec: a batch cut short is never taken for a whole one") {
  any_message any{6};
  auto envelopes = some_envelopes(any);
  envelopes.resize(4);
  const auto bytes = wire::encode_batch({1, 2, 3, 4}, std::span<const shared_bytes>{envelopes});
  batch_view out;
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK(wire::decode_batch(std::string_view{bytes}.substr(0, size), out)
          == envelope_flaw::layout);
  CHECK(wire::decode_batch(bytes + bytes, out) == envelope_flaw::layout);
}

TEST_CASE("batch_codec: flipped bytes give a flaw, or envelopes within the bytes") {
  any_message any{7};
  auto envelopes = some_envelopes(any);
  envelopes.resize(6);
  const auto good = wire::encode_batch({1, 2, 3, 4}, std::span<const shared_bytes>{envelopes});
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = good;
    for (auto n = 1 + any.below(3); n > 0; --n)
      bytes[any.below(any.coin() ? 128 : bytes.size())] = static_cast<char>(any.below(256));
    batch_view out;
    if (wire::decode_batch(bytes, out) != envelope_flaw::none) {
      ++refused;
      continue;
    }
    for (const auto e : out.envelopes) {
      const bool within =
          e.empty()
          || (e.data() >= bytes.data() && e.data() + e.size() <= bytes.data() + bytes.size());
      REQUIRE(within);
      (void)flaw_of(e);
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("batch_codec: a batch has its bounds") {
  batch_view out;
  CHECK(wire::decode_batch(std::string(wire::batch_bytes_max + 8, '\0'), out)
        == envelope_flaw::too_large);
  const std::vector<shared_bytes> many(wire::batch_envelopes_max + 1,
                                       std::make_shared<const std::string>("12345678"));
  const std::span all{many};
  CHECK(wire::decode_batch(wire::encode_batch({1, 1, 0, 0}, all), out) == envelope_flaw::too_large);
  CHECK(wire::decode_batch(wire::encode_batch({1, 1, 0, 0}, all.first(wire::batch_envelopes_max)),
                           out)
        == envelope_flaw::none);
}

} // namespace argosy::testing
