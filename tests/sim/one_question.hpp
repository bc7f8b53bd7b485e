// one_question: a command asked of one node by a client that comes for nothing else.
#pragma once

#include "clients/cpp/codec.hpp"
#include "tests/sim/sim_world.hpp"

#include <optional>
#include <string>
#include <utility>

namespace argosy::sim {

/// Keeps the last answer that came.
class answer_sink final : public client::server_sink {
public:
  void on_ping() override {}
  void on_reply(std::uint32_t, client::reply body) override { last = std::move(body); }
  void on_push(std::string_view, push_body) override {}

  std::optional<client::reply> last;
};

/// Lets the world go on until the answer is there; nothing if it is another one, or 10 s pass.
template <class Result>
std::optional<Result> ask(sim_world& world, const std::string& node, command_body what) {
  const auto asker = world.node(node).actors().open();
  asker.send_only(R"({"id":1,"connect":{}})");
  answer_sink answer;
  const auto answered = [&] {
    for (const auto& m : asker.take())
      if (!client::json_codec().decode(m, answer))
        return true;
    return answer.last.has_value();
  };
  if (!world.run_until(answered, std::chrono::seconds{10}))
    return std::nullopt;
  answer.last.reset();
  const command c{2, std::move(what)};
  asker.send_only(client::json_codec().encode({&c, 1}));
  const bool came = world.run_until(answered, std::chrono::seconds{10});
  asker.hang_up();
  if (!came || !answer.last)
    return std::nullopt;
  auto* r = std::get_if<Result>(&*answer.last);
  return r == nullptr ? std::nullopt : std::optional<Result>{std::move(*r)};
}

} // namespace argosy::sim
