// cli_certs: `argosy certs`, an authority and node certificates for trying a cluster. A fleet that
// has an authority of its own uses that: what a node needs is a certificate whose subject
// alternative name is the URI argosy://CLUSTER/NAME.
#include "net/cluster/certificates.hpp"
#include "node/cli.hpp"
#include "runtime/cluster/member.hpp"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace argosy {

namespace {

struct certs_options {
  std::string cluster;
  std::string name;
  std::string out;
  int days = 0;
};

constexpr int usage_error = 2;
constexpr int failure = 1;

[[noreturn]] void fail(int code, const std::string& sentence) {
  std::fprintf(stderr, "argosy certs: %s\n", sentence.c_str());
  throw CLI::RuntimeError{code};
}

void check(const certs_options& o, bool node) {
  constexpr auto rule = "\"; write 1 to 64 of the characters a-z A-Z 0-9 . _ -";
  if (!cluster::valid_member_name(o.cluster))
    fail(usage_error, "--cluster is \"" + o.cluster + rule);
  if (node && !cluster::valid_member_name(o.name))
    fail(usage_error, "--name is \"" + o.name + rule);
  if (node && o.name == "ca")
    fail(usage_error, "--name is \"ca\", whose files are the authority's; choose another name");
  if (o.days < 1 || o.days > 36'500)
    fail(usage_error, "--days is " + std::to_string(o.days) + "; write 1 to 36500");
}

net::validity lasting(int days) {
  net::validity v;
  v.ends_in = std::chrono::hours{24} * days;
  return v;
}

std::string file_in(const std::string& directory, const std::string& name) {
  return (std::filesystem::path{directory} / name).string();
}

/// Replaces the file in one step, so that a node that reloads never reads half of it.
void write_private(const std::string& file, const std::string& text) {
  const auto part = file + ".new";
  ::unlink(part.c_str());
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written = fd >= 0
                       && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size())
                       && ::fsync(fd) == 0;
  if (fd >= 0)
    ::close(fd);
  if (!written || ::rename(part.c_str(), file.c_str()) != 0)
    fail(failure, "cannot write " + file + ": " + std::strerror(errno) + "; choose another --out");
}

std::string read_file(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream out;
  if (!in || !(out << in.rdbuf()))
    fail(failure, "cannot read " + file + "; make the authority first with `argosy certs ca`");
  return std::move(out).str();
}

void write_pair(const certs_options& o, const std::string& name, const net::certificate& made) {
  if (!made.error.empty())
    fail(failure, made.error);
  const auto key = file_in(o.out, name + ".key");
  const auto certificate = file_in(o.out, name + ".crt");
  write_private(key, made.key_pem);
  write_private(certificate, made.pem);
  std::printf("%s\n%s\n", certificate.c_str(), key.c_str());
}

void make_ca(const certs_options& o) {
  check(o, false);
  if (::mkdir(o.out.c_str(), 0700) != 0 && errno != EEXIST)
    fail(failure, "cannot make the directory " + o.out + ": " + std::strerror(errno)
                      + "; choose another --out");
  for (const auto* name : {"ca.crt", "ca.key"})
    if (const auto file = file_in(o.out, name); std::filesystem::exists(file))
      fail(failure, file
                        + " exists, and the certificates it signed would be void without it; "
                          "remove it or choose another --out");
  write_pair(o, "ca", net::make_authority(o.cluster, lasting(o.days)));
}

void make_node(const certs_options& o) {
  check(o, true);
  const net::certificate authority{
      read_file(file_in(o.out, "ca.crt")), read_file(file_in(o.out, "ca.key")), {}};
  if (const auto of = net::cluster_of(authority); of != o.cluster)
    fail(usage_error, file_in(o.out, "ca.crt") + " is the authority of "
                          + (of.empty() ? "no cluster" : "the cluster " + of)
                          + ", but --cluster is " + o.cluster);
  write_pair(o, o.name,
             net::make_node_certificate(authority, {o.cluster, o.name}, lasting(o.days)));
}

} // namespace

void add_certs_command(CLI::App& app) {
  auto& certs = *app.add_subcommand("certs", "Make certificates for a cluster, for trying things");
  certs.require_subcommand(1);

  auto ca = std::make_shared<certs_options>();
  ca->days = 3650;
  auto& make = *certs.add_subcommand("ca", "Make the authority: DIR/ca.crt, DIR/ca.key");
  make.add_option("--cluster", ca->cluster, "Name of the cluster")->required();
  make.add_option("--out", ca->out, "Directory, made if need be")->required();
  make.add_option("--days", ca->days, "Days that it is good for")->capture_default_str();
  make.callback([ca] { make_ca(*ca); });

  auto node = std::make_shared<certs_options>();
  node->days = 365;
  auto& sign = *certs.add_subcommand(
      "node", "Make or renew a node's certificate: DIR/NAME.crt, DIR/NAME.key");
  sign.add_option("--cluster", node->cluster, "Name of the cluster")->required();
  sign.add_option("--name", node->name, "Name of the node")->required();
  sign.add_option("--out", node->out, "Directory with ca.crt and ca.key")->required();
  sign.add_option("--days", node->days, "Days that it is good for")->capture_default_str();
  sign.callback([node] { make_node(*node); });
}

} // namespace argosy
