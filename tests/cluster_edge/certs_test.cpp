// `argosy certs`, called as the program calls it.
#include "node/cli.hpp"
#include "tests/cluster_edge/fixture.hpp"

#include <CLI/CLI.hpp>
#include <doctest/doctest.h>

#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace argosy::test {

namespace {

/// What goes to `fd` while this lives.
class capture {
public:
  capture(int fd, const directory& where)
      : fd_(fd), saved_(::dup(fd)), file_(where.file("captured")) {
    const int to = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ::dup2(to, fd_);
    ::close(to);
  }
  ~capture() {
    ::dup2(saved_, fd_);
    ::close(saved_);
  }
  capture(const capture&) = delete;
  capture& operator=(const capture&) = delete;
  std::string text() const { return read_file(file_); }

private:
  int fd_;
  int saved_;
  std::string file_;
};

struct outcome {
  int code;
  std::string sentence;
};

outcome argosy(const std::string& arguments) {
  const directory where;
  CLI::App app{"", "argosy"};
  app.require_subcommand(1);
  add_certs_command(app);
  const capture out{STDOUT_FILENO, where};
  const directory where_too;
  const capture err{STDERR_FILENO, where_too};
  int code = 0;
  try {
    app.parse(arguments);
  } catch (const CLI::Error& e) {
    code = e.get_exit_code();
  }
  std::fflush(stdout);
  return {code, err.text()};
}

unsigned mode_of(const std::string& file) {
  struct stat s {};
  REQUIRE(::stat(file.c_str(), &s) == 0);
  return s.st_mode & 0777U;
}

} // namespace

TEST_CASE("certs: an authority and two nodes, whose edges then trust each other") {
  const directory where;
  const auto out = where.file("papers");
  REQUIRE(argosy("certs ca --cluster fleet --out " + out).code == 0);
  for (const auto* name : {"a", "b"})
    REQUIRE(argosy("certs node --cluster fleet --name " + std::string{name} + " --out " + out).code
            == 0);
  CHECK(mode_of(out) == 0700);
  for (const auto* file : {"/ca.crt", "/ca.key", "/a.crt", "/a.key", "/b.crt", "/b.key"})
    CHECK(mode_of(out + file) == 0600);
  edge_fixture a{secured("a", out)};
  edge_fixture b{secured("b", out)};
  a.edge->dial(b.address());
  CHECK(a.taker->wait_streams(1));
}

TEST_CASE("certs: a node's certificate is renewed in place, an authority never") {
  const directory where;
  const auto out = where.file("papers");
  argosy("certs ca --cluster fleet --out " + out);
  argosy("certs node --cluster fleet --name a --out " + out);
  const auto before = read_file(out + "/a.crt");
  CHECK(argosy("certs node --cluster fleet --name a --days 7 --out " + out).code == 0);
  CHECK(read_file(out + "/a.crt") != before);
  const auto again = argosy("certs ca --cluster fleet --out " + out);
  CHECK(again.code == 1);
  CHECK(again.sentence
        == "argosy certs: " + out
               + "/ca.crt exists, and the certificates it signed would be void without it; remove "
                 "it or choose another --out\n");
}

TEST_CASE("certs: what is asked wrongly is told in a sentence, with code 2") {
  const directory where;
  const auto out = where.file("papers");
  argosy("certs ca --cluster fleet --out " + out);
  struct row {
    const char* arguments;
    const char* says;
  };
  for (const auto& [arguments, says] : std::vector<row>{
           {"node --cluster fleet --name a/b", "--name is \"a/b\"; write 1 to 64"},
           {"node --cluster fleet --name ca", "whose files are the authority's"},
           {"node --cluster navy --name a", "is the authority of the cluster fleet, but"},
           {"node --cluster fleet --name a --days 0", "--days is 0; write 1 to 36500"},
           {"ca --cluster a,b", "--cluster is \"a,b\"; write 1 to 64"}}) {
    const auto got = argosy("certs " + std::string{arguments} + " --out " + out);
    CHECK_MESSAGE(got.code == 2, arguments);
    CHECK_MESSAGE(got.sentence.find(says) != std::string::npos, got.sentence);
  }
  const auto none = argosy("certs node --cluster fleet --name a --out " + where.file("none"));
  CHECK(none.code == 1);
  CHECK(none.sentence.find("make the authority first") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(out + "/a.crt"));
}

} // namespace argosy::test
