#include "bench/chaos/fleet.hpp"

#include "bench/chaos/metrics_page.hpp"
#include "bench/child_process.hpp"
#include "bench/self_node.hpp"
#include "bench/socket_owner.hpp"

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
[[namespace]]
name = "bulk"
allow_subscribe_for_client = true
allow_publish_for_client = true
allow_publish_for_subscriber = true
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

} // namespace

fleet::fleet(boost::asio::io_context& io, fleet_plan plan) : io_(io), plan_(std::move(plan)) {
  std::string pattern = std::filesystem::temp_directory_path() / "argosy-chaos-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("cannot make a directory for the fleet");
  directory_ = pattern;
  std::ofstream(directory_ + "/node.toml") << self_node::config() << more_config;
  for (const auto& name : plan_.voters)
    prepare(name);
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

void fleet::prepare(const std::string& name) {
  auto& n = nodes_[name];
  n.cluster_port = free_port();
  if (!plan_.proxied)
    return;
  const auto caller = [this](const fault_proxy::tcp::socket& socket) -> std::string {
    boost::system::error_code gone;
    const auto inode =
        inode_of(socket.remote_endpoint(gone).port(), socket.local_endpoint(gone).port());
    for (const auto& [who, known] : nodes_)
      if (inode && known.pid > 0 && holds_socket(known.pid, *inode))
        return who;
    return {};
  };
  const auto line = [this, name](const std::string& who) {
    const auto found = bad_.find({who, name});
    return found == bad_.end() ? weather{} : found->second;
  };
  n.proxy = std::make_unique<fault_proxy>(io_, n.cluster_port, caller, line);
}

std::string fleet::address(const std::string& name) const {
  const auto& n = nodes_.at(name);
  return "127.0.0.1:" + std::to_string(n.proxy ? n.proxy->port() : n.cluster_port);
}

std::vector<std::string> fleet::settings_of(const std::string& name) const {
  const auto& n = nodes_.at(name);
  std::string seeds;
  for (const auto& voter : plan_.voters)
    seeds += (seeds.empty() ? "\"" : ", \"") + voter + "=" + address(voter) + "\"";
  const bool owns =
      std::find(plan_.gateways.begin(), plan_.gateways.end(), name) == plan_.gateways.end();
  auto settings = plan_.settings;
  settings.insert(settings.end(),
                  {"net.message_bytes_max=1048576", "net.outbound_bytes_max=16777216",
                   "log.level=info", "cluster.name=chaos", "cluster.seeds=[" + seeds + "]",
                   "cluster.data_dir=" + directory_ + "/data", "cluster.address=127.0.0.1",
                   "cluster.port=" + std::to_string(n.cluster_port),
                   std::string("cluster.weight=") + (owns ? "100" : "0"),
                   "http.port=" + std::to_string(n.http_port)});
  if (std::find(plan_.voters.begin(), plan_.voters.end(), name) == plan_.voters.end())
    settings.push_back("cluster.advertise=" + address(name));
  return settings;
}

void fleet::start(const std::string& name) {
  if (!nodes_.contains(name))
    prepare(name);
  auto& n = nodes_.at(name);
  ++n.life;
  n.read = 0;
  n.view_no = n.leads_term = 0;
  n.view.clear();
  std::vector<std::string> words{
      own_binary(), "node", "--config",          directory_ + "/node.toml",
      "--name",     name,   "--insecure-cluster"};
  for (const auto& setting : settings_of(name))
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

// -- lines ----------------------------------------------------------------------------------------

void fleet::part(const std::set<std::string>& side, const std::set<std::string>& others) {
  for (const auto& one : side)
    for (const auto& two : others)
      bad_[{one, two}] = {.cut = true};
  update();
}

void fleet::narrow(const std::string& one, const std::string& two, std::uint64_t bytes_per_second) {
  bad_[{one, two}] = {.bytes_per_second = bytes_per_second};
  update();
}

void fleet::heal() {
  bad_.clear();
  update();
}

void fleet::update() {
  for (const auto& [name, n] : nodes_)
    if (n.proxy)
      n.proxy->update();
}

// -- what nodes say -------------------------------------------------------------------------------

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

bool fleet::agreed(const std::set<std::string>& members, const std::set<std::string>& nodes) {
  std::string wanted;
  for (const auto& name : members)
    wanted += (wanted.empty() ? "" : ", ") + name + " up";
  std::uint64_t no = 0;
  for (auto& [name, n] : nodes_) {
    if (!nodes.contains(name) || !running(name))
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

std::uint64_t fleet::view_no(const std::string& name) {
  auto& n = nodes_.at(name);
  follow_log(name, n);
  return n.view_no;
}

double fleet::metric(const std::string& name, std::string_view metric) const {
  return sum_of(metrics_page(port(name)), metric);
}

} // namespace argosy::bench::chaos
