// judge: reads histories that real processes wrote (JSON lines) and says which promises they broke.
#include "tests/checker/json_lines.hpp"
#include "tests/checker/judge.hpp"

#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

int main(int argc, char** argv) {
  using namespace argosy::checker;
  const std::map<std::string_view, bool demands::*> wishes{{"--acked-kept", &demands::acked_kept},
                                                           {"--seen-kept", &demands::seen_kept},
                                                           {"--no-gaps", &demands::no_gaps},
                                                           {"--one-epoch", &demands::one_epoch}};
  demands of;
  chronicle run;
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    if (const auto wish = wishes.find(argv[i]); wish != wishes.end()) {
      of.*(wish->second) = true;
      continue;
    }
    std::ifstream from{argv[i]};
    const auto problem = from ? read_json_lines(from, run) : std::string{"it cannot be read"};
    if (!problem.empty()) {
      std::fprintf(stderr, "judge: %s: %s\n", argv[i], problem.c_str());
      return 2;
    }
    ++files;
  }
  if (files == 0) {
    std::fputs("usage: judge [--acked-kept] [--seen-kept] [--no-gaps] [--one-epoch] FILE...\n",
               stderr);
    return 2;
  }
  const auto v = judge(run, of);
  std::printf("%s\n%s", v.summary().c_str(), v.complaint().c_str());
  return v.holds() ? 0 : 1;
}
