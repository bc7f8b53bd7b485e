// libFuzzer target: a request to the server API: its method (the first line) and its body.
#include "actors/gateway/api_query.hpp"
#include "runtime/json/json_text.hpp"
#include "tests/fuzz/promise.hpp"

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace {

using namespace argosy;
using argosy::test::promise;

void check(const api_refusal& q) {
  promise(info(q.error).client_code != 0, "a refusal has a client error code");
}
void check(const api_publish& q) {
  promise(!q.data.empty(), "published data is never empty");
}
void check(const api_sessions& q) {
  promise(!q.user.empty(), "a command to sessions names a user");
  promise(q.verb != session_verb::disconnect || (q.code >= 3000 && q.code <= 4999),
          "a close code is 3000 to 4999");
}
template <class Query>
void check(const Query&) {
}

/// Given as JSON, data goes out as JSON, on one line.
void check_data(const api_query& query, std::string_view body) {
  const auto* publish = std::get_if<api_publish>(&query);
  if (publish == nullptr || body.find("b64data") != std::string_view::npos
      || body.find('\\') != std::string_view::npos) // perhaps b64data in disguise
    return;
  promise(is_json(publish->data), "published data is JSON");
  promise(publish->data.find('\n') == std::string::npos, "published data is one line");
}

/// Answers each part as the node would and reads the response.
void check_answer(const api_plan& plan) {
  std::string body;
  int answers = 0;
  api_call call{plan.shape,
                [&](http_response response) {
                  ++answers;
                  body = std::move(response.body);
                },
                {}};
  call.status(plan.status);
  const bool broadcast = plan.shape == api_call::shape::broadcast;
  const auto parts = broadcast ? plan.channels.size() : plan.steps.size();
  const auto step = [&](std::size_t i) -> const api_plan::step& {
    return plan.steps[broadcast ? 0 : i];
  };
  for (std::size_t i = 0; i < parts; ++i)
    call.add_part(step(i).method);
  for (std::size_t i = 0; i < parts; ++i) {
    const auto* why = std::get_if<api_refusal>(&step(i).query);
    const bool last =
        why != nullptr ? call.complete(i, why->error, why->sentence) : call.complete(i, "{}");
    promise(last == (i + 1 == parts), "the last part completes the call");
  }
  call.finish();
  promise(answers == 1, "a request is answered once");
  simdjson::dom::parser parser;
  promise(parser.parse(body).error() == simdjson::SUCCESS, "the answer is JSON");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto line = input.find('\n');
  if (line == std::string_view::npos)
    return 0;
  const auto body = input.substr(line + 1);
  const auto plan = read_api_request(input.substr(0, line), body);
  const bool broadcast = plan.shape == api_call::shape::broadcast;
  promise(!plan.steps.empty() && plan.steps.size() <= api_parts_max, "a plan has 1 to 10000 steps");
  promise(!plan.channels.empty() == broadcast && plan.channels.size() <= api_parts_max,
          "a broadcast has 1 to 10000 channels");
  for (const auto& step : plan.steps) {
    std::visit([](const auto& query) { check(query); }, step.query);
    check_data(step.query, body);
  }
  check_answer(plan);
  return 0;
}
