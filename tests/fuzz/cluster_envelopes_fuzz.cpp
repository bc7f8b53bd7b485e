// libFuzzer target: what comes over a link between nodes: one envelope, or a batch of them.
#include "runtime/wire/node/batch_codec.hpp"
#include "tests/fuzz/promise.hpp"
#include "tests/unit/wire/same.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace argosy;
using argosy::test::promise;
using argosy::wire::envelope_flaw;

constexpr wire::clock_time now{std::chrono::hours{1'000}};

/// Whatever can be read can be said again, and means the same.
void check_envelope(std::string_view bytes) {
  node_envelope heard;
  const auto flaw = wire::decode(bytes, heard, now);
  promise(!to_string(flaw).empty(), "a flaw has a name");
  if (flaw != envelope_flaw::none)
    return;
  const auto said = wire::encode(heard.view_no, heard.to, heard.question, heard.what, now);
  node_envelope again;
  promise(wire::decode(*said, again, now) == envelope_flaw::none, "what was read can be sent on");
  promise(again.view_no == heard.view_no && again.to == heard.to && again.question == heard.question
              && testing::same(again.what, heard.what),
          "what was sent on is the same");
}

void check_batch(std::string_view bytes) {
  wire::batch_view batch;
  const auto flaw = wire::decode_batch(bytes, batch);
  promise(flaw <= envelope_flaw::too_large, "a batch is whole, broken or too large");
  if (flaw != envelope_flaw::none)
    return;
  promise(batch.envelopes.size() <= wire::batch_envelopes_max, "a batch is bounded");
  for (const auto envelope : batch.envelopes) {
    promise(envelope.empty()
                || (envelope.data() >= bytes.data()
                    && envelope.data() + envelope.size() <= bytes.data() + bytes.size()),
            "an envelope lies in its batch");
    check_envelope(envelope);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  check_envelope(bytes);
  check_batch(bytes);
  return 0;
}
