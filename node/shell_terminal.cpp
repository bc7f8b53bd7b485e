#include "node/shell_terminal.hpp"

#include <algorithm>
#include <cstdio>
#include <histedit.h>
#include <memory>
#include <string_view>
#include <sys/stat.h>
#include <utility>

namespace argosy {

namespace {

constexpr int history_lines = 1'000;

struct edit_end {
  void operator()(EditLine* el) const noexcept { el_end(el); }
};
struct history_end_of {
  void operator()(History* h) const noexcept { history_end(h); }
};

/// What the callbacks of libedit find by el_get.
struct session {
  const terminal_settings* settings;
};

session& session_of(EditLine* el) {
  void* found = nullptr;
  el_get(el, EL_CLIENTDATA, &found);
  return *static_cast<session*>(found);
}

char* prompt_of(EditLine* el) {
  return const_cast<char*>(session_of(el).settings->prompt.c_str()); // libedit only reads it
}

std::string common_beginning(const std::vector<std::string>& words) {
  auto out = words.front();
  for (const auto& word : words)
    out.resize(static_cast<std::size_t>(
        std::mismatch(out.begin(), out.end(), word.begin(), word.end()).first - out.begin()));
  return out;
}

void list(const std::vector<std::string>& words) {
  std::fputc('\n', stdout);
  for (const auto& word : words)
    std::printf("%s  ", word.c_str());
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

unsigned char complete(EditLine* el, int) {
  const auto* at = el_line(el);
  const std::string line{at->buffer, static_cast<std::size_t>(at->cursor - at->buffer)};
  const auto words = session_of(el).settings->complete(line);
  if (words.empty())
    return CC_ERROR;
  const auto begun = line.size() - (line.find_last_of(" \t") + 1);
  auto more = common_beginning(words).substr(std::min(begun, common_beginning(words).size()));
  if (words.size() == 1)
    more += ' ';
  if (more.empty()) {
    list(words);
    return CC_REDISPLAY;
  }
  return el_insertstr(el, more.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
}

} // namespace

void run_terminal(const terminal_settings& settings) {
  session here{&settings};
  std::unique_ptr<EditLine, edit_end> el{el_init("argosy", stdin, stdout, stderr)};
  std::unique_ptr<History, history_end_of> past{history_init()};
  HistEvent event{};
  history(past.get(), &event, H_SETSIZE, history_lines);
  history(past.get(), &event, H_SETUNIQUE, 1);
  if (!settings.history_file.empty())
    history(past.get(), &event, H_LOAD, settings.history_file.c_str());
  el_set(el.get(), EL_CLIENTDATA, &here);
  el_set(el.get(), EL_PROMPT, prompt_of);
  el_set(el.get(), EL_EDITOR, "emacs");
  el_set(el.get(), EL_SIGNAL, 1);
  el_set(el.get(), EL_HIST, history, past.get());
  el_set(el.get(), EL_ADDFN, "argosy-complete", "Complete a word", complete);
  el_set(el.get(), EL_BIND, "^I", "argosy-complete", nullptr);
  el_source(el.get(), nullptr); // the user's own ~/.editrc

  int size = 0;
  while (const char* got = el_gets(el.get(), &size)) {
    if (size <= 0)
      break;
    std::string line{got, static_cast<std::size_t>(size)};
    line.erase(line.find_last_not_of(" \t\r\n") + 1);
    if (line.empty())
      continue;
    history(past.get(), &event, H_ENTER, line.c_str());
    if (!settings.run(line))
      break;
  }
  if (settings.history_file.empty())
    return;
  const auto before = ::umask(077); // what an operator asks is the operator's business
  history(past.get(), &event, H_SAVE, settings.history_file.c_str());
  ::umask(before);
}

} // namespace argosy
