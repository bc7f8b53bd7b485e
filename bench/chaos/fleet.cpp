#include "bench/chaos/fleet.hpp"

#include "bench/chaos/metrics_page.hpp"
#include "bench/child_process.hpp"
#include "bench/self_node.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <random>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace argosy::bench::chaos {

namespace {

constexpr std::string_view more_config = R"(
[[namespace]]
name = "chaos"
history_size = 20000
history_ttl_ms = 600000
force_recovery = true
force_positioning = true
allow_subscribe_for_client = true
allow_publish_for_client = true
allow_publish_for_subscriber = true
allow_history_for_client = true
publish_per_second = 0
)";

bool is_free(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  const bool bound = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
  if (fd >= 0)
    ::close(fd);
  return bound;
}

/// A port that nobody listens on now, below those that the kernel hands out to who dials.
std::uint16_t free_port() {
  constexpr std::uint16_t first = 12'000, last = 32'000;
  std::random_device random;
  for (int tries = 0; tries < 100; ++tries)
    if (const auto port = static_cast<std::uint16_t>(first + random() % (last - first));
        is_free(port))
      return port;
  throw std::runtime_error("there is no free port on 127.0.0.1");
}

std::string contents(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::uint64_t number_at(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string address_of(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

} // namespace

fleet::fleet(std::vector<std::string> voters, std::vector<std::string> settings)
    : voters_(std::move(voters)), settings_(std::move(settings)) {
  std::string pattern = std::filesystem::temp_directory_path() / "argosy-chaos-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("cannot make a directory for the fleet");
  directory_ = pattern;
  std::ofstream(directory_ + "/node.toml") << self_node::config() << more_config;
  for (const auto& name : voters_)
    nodes_[name].cluster_port = free_port();
}

fleet::~fleet() {
  for (const auto& [name, n] : nodes_)
    if (n.pid > 0)
      kill(name);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string fleet::file(const std::string& name, std::string_view suffix) const {
  return directory_ + "/" + name + "-" + std::to_string(nodes_.at(name).life) + std::string(suffix);
}

void fleet::start(const std::string& name, std::uint32_t weight) {
  auto& n = nodes_[name];
  if (n.cluster_port == 0)
    n.cluster_port = free_port();
  n = {-1, n.http_port, n.cluster_port, n.life + 1, 0, 0, {}, 0};
  std::string seeds;
  for (const auto& voter : voters_)
    seeds += (seeds.empty() ? "\"" : ", \"") + voter + "=" + address_of(nodes_[voter].cluster_port)
             + "\"";
  std::vector<std::string> words{
      own_binary(), "node", "--config",          directory_ + "/node.toml",
      "--name",     name,   "--insecure-cluster"};
  auto settings = settings_;
  settings.insert(
      settings.end(),
      {"log.level=info", "cluster.name=chaos", "cluster.seeds=[" + seeds + "]",
       "cluster.data_dir=" + directory_ + "/data", "cluster.port=" + std::to_string(n.cluster_port),
       "cluster.weight=" + std::to_string(weight), "http.port=" + std::to_string(n.http_port)});
  for (const auto& setting : settings)
    words.insert(words.end(), {"--set", setting});
  constexpr int flags = O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC;
  const int out = ::open(file(name, ".out").c_str(), flags, 0600);
  const int log = ::open(file(name, ".log").c_str(), flags, 0600);
  n.pid = spawn(words, {{out, STDOUT_FILENO}, {log, STDERR_FILENO}});
  ::close(out);
  ::close(log);
}

void fleet::kill(const std::string& name) {
  auto& n = nodes_.at(name);
  ::kill(n.pid, SIGKILL);
  reap(n.pid, std::chrono::seconds(5));
  n.pid = -1;
}

void fleet::stop(const std::string& name) {
  ::kill(nodes_.at(name).pid, SIGTERM);
}

void fleet::pause(const std::string& name) {
  ::kill(nodes_.at(name).pid, SIGSTOP);
}

void fleet::resume(const std::string& name) {
  ::kill(nodes_.at(name).pid, SIGCONT);
}

bool fleet::running(const std::string& name) {
  auto& n = nodes_.at(name);
  if (n.pid > 0 && ::waitpid(n.pid, nullptr, WNOHANG) == n.pid)
    n.pid = -1;
  return n.pid > 0;
}

bool fleet::listening(const std::string& name) {
  auto& n = nodes_.at(name);
  if (!running(name))
    throw std::runtime_error("node " + name + " ended: " + contents(file(name, ".log")));
  const auto text = contents(file(name, ".out"));
  constexpr std::string_view key = "\"http_port\":";
  const auto at = text.find(key);
  if (at == std::string::npos || text.find('\n') == std::string::npos)
    return false;
  n.http_port =
      static_cast<std::uint16_t>(number_at(std::string_view(text).substr(at + key.size())));
  return true;
}

void fleet::follow_log(const std::string& name, node& n) {
  std::ifstream in(file(name, ".log"));
  in.seekg(static_cast<std::streamoff>(n.read));
  constexpr std::string_view view = " cluster: view ", leads = " cluster: this node leads, term ";
  for (std::string line; std::getline(in, line) && !in.eof();) {
    n.read += line.size() + 1;
    if (const auto at = line.find(view); at != std::string::npos) {
      n.view_no = number_at(std::string_view(line).substr(at + view.size()));
      const auto colon = line.find(": ", at + view.size());
      n.view = colon == std::string::npos ? "" : line.substr(colon + 2);
    } else if (const auto term = line.find(leads); term != std::string::npos) {
      n.leads_term = number_at(std::string_view(line).substr(term + leads.size()));
    }
  }
}

bool fleet::agreed(const std::set<std::string>& members) {
  std::string wanted;
  for (const auto& name : members)
    wanted += (wanted.empty() ? "" : ", ") + name + " up";
  std::uint64_t no = 0;
  for (auto& [name, n] : nodes_) {
    if (!members.contains(name) || !running(name))
      continue;
    follow_log(name, n);
    if (n.view != wanted || (no != 0 && n.view_no != no))
      return false;
    no = n.view_no;
  }
  return no != 0;
}

std::string fleet::leader() {
  std::string found;
  std::uint64_t term = 0;
  for (auto& [name, n] : nodes_) {
    if (!running(name))
      continue;
    follow_log(name, n);
    if (n.leads_term > term) {
      term = n.leads_term;
      found = name;
    }
  }
  return found;
}

std::uint16_t fleet::port(const std::string& name) const {
  return nodes_.at(name).http_port;
}

std::vector<std::string> fleet::names() const {
  std::vector<std::string> out;
  for (const auto& [name, n] : nodes_)
    out.push_back(name);
  return out;
}

double fleet::metric(const std::string& name, std::string_view metric) const {
  return sum_of(metrics_page(port(name)), metric);
}

} // namespace argosy::bench::chaos
