#include "actors/admin/shell_desk.hpp"

#include "actors/admin/shell_questions.hpp"
#include "actors/gateway/api_params.hpp"
#include "runtime/core/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace argosy {

namespace {

constexpr std::int64_t within_ms_default = 2'000;
constexpr std::int64_t within_ms_max = 30'000;

} // namespace

void answer_shell(const node_services& services, std::string_view line,
                  std::function<void(std::string)> respond) {
  const auto said = api_params::parse(line);
  if (!said)
    return respond(shell_error("the request is not one JSON object on one line"));
  shell_request request{said->text("command"), {}};
  if (const auto arguments = said->object("arguments"))
    for (const auto& [key, token] : arguments->members())
      request.arguments[key] = string_of(token);
  if (const auto flaw = flaw_of(request); !flaw.empty())
    return respond(shell_error(flaw));
  auto question = question_of(request);
  if (!question)
    return respond(shell_error("help is the shell's own; it asks no node"));
  const auto within =
      std::clamp<std::int64_t>(said->number("within_ms", within_ms_default), 1, within_ms_max);
  tell(services.admin,
       ask_fleet{std::move(question->what), std::chrono::milliseconds{within}, question->here_only,
                 [request = std::move(request), respond = std::move(respond)](fleet_told told) {
                   respond(to_json(answer_of(request, told)));
                 }});
}

std::string shell_line(const shell_request& request, std::uint32_t within_ms) {
  std::string out;
  json_writer w{out};
  w.open_object().key("command").text(request.command).key("arguments").open_object();
  for (const auto& [key, value] : request.arguments)
    w.key(key).text(value);
  w.close_object();
  if (within_ms > 0)
    w.key("within_ms").number(within_ms);
  w.close_object();
  return out;
}

} // namespace argosy
