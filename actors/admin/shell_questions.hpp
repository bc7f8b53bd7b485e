// shell_questions: what a command of the admin shell asks of which nodes, and what becomes of their
// answers.
//
// Each command is one row: a question, and a way to lay out the answers. Pure.
#pragma once

#include "actors/admin/shell_answer.hpp"
#include "actors/admin/shell_syntax.hpp"
#include "runtime/messages/admin.hpp"

#include <optional>

namespace argosy {

struct shell_question {
  inquire_node what;
  bool here_only = false; ///< this node knows it all
};

/// Of a request without a flaw; nothing for `help`, which no node is needed for.
std::optional<shell_question> question_of(const shell_request& request);

/// `told` are the answers to that question.
shell_answer answer_of(const shell_request& request, const fleet_told& told);

} // namespace argosy
