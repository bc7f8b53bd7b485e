#include "tests/cluster_edge/fixture.hpp"

#include "runtime/basp/configure.hpp"

#include <caf/all.hpp>
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

namespace argosy::test {

namespace {

void must(const std::string& fault) {
  if (!fault.empty())
    throw std::runtime_error(fault);
}

} // namespace

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    ::poll(nullptr, 0, 2);
  }
  return true;
}

directory::directory() {
  auto name = (std::filesystem::temp_directory_path() / "argosy-edge-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw std::runtime_error("no temporary directory");
  path_ = name;
}

directory::~directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, std::string_view text) {
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  out << text;
  if (!out.good())
    throw std::runtime_error("cannot write " + path);
}

std::string read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

papers::papers(std::string c) : cluster(std::move(c)), authority(net::make_authority(cluster, {})) {
  must(authority.error);
  write_file(where.file("ca.crt"), authority.pem);
}

void papers::issue(const std::string& name, const net::validity& v) {
  issue_for({cluster, name}, name, v);
}

void papers::issue_for(const net::node_name& who, const std::string& file, const net::validity& v) {
  const auto made = net::make_node_certificate(authority, who, v);
  must(made.error);
  write_file(where.file(file + ".crt"), made.pem);
  write_file(where.file(file + ".key"), made.key_pem);
}

net::edge_settings papers::of(const std::string& name) {
  if (!std::filesystem::exists(where.file(name + ".crt")))
    issue(name);
  auto s = secured(name, where.path());
  s.cluster = cluster;
  return s;
}

net::edge_settings secured(const std::string& name, const std::string& papers) {
  auto s = insecure(name);
  s.insecure = false;
  s.files = {papers + "/ca.crt", papers + "/" + name + ".crt", papers + "/" + name + ".key"};
  return s;
}

net::edge_settings insecure(const std::string& name) {
  net::edge_settings s;
  s.cluster = "fleet";
  s.node = name;
  s.listen = {"127.0.0.1", 0, false};
  s.insecure = true;
  return s;
}

noting_taker::~noting_taker() {
  for (const auto& stream : streams_)
    ::close(stream.socket);
}

void noting_taker::opened(const cluster::peer_stream& stream) {
  // A node of BASP greets at once; the dialling side waits for that.
  if (stream.inbound)
    CHECK(::write(stream.socket, std::string(32, '\0').data(), 32) == 32);
  const std::lock_guard lock{mutex_};
  streams_.push_back(stream);
}

void noting_taker::ended(cluster::peer_connection which, bool refused, const std::string& why) {
  const std::lock_guard lock{mutex_};
  endings_.push_back({which, refused, why});
}

std::vector<cluster::peer_stream> noting_taker::streams() const {
  const std::lock_guard lock{mutex_};
  return streams_;
}

std::vector<noting_taker::ending> noting_taker::endings() const {
  const std::lock_guard lock{mutex_};
  return endings_;
}

bool noting_taker::wait_streams(std::size_t count) const {
  return eventually([&] { return streams().size() >= count; });
}

std::string noting_taker::why_of(cluster::peer_connection which) const {
  std::string why;
  eventually([&] {
    for (const auto& e : endings())
      if (e.connection == which)
        why = e.why;
    return !why.empty();
  });
  return why;
}

edge_fixture::edge_fixture(net::edge_settings s) {
  s.warn = [this](const std::string& sentence) {
    const std::lock_guard lock{warnings_mutex};
    warnings.push_back(sentence);
  };
  edge = std::make_shared<net::cluster_edge>(std::move(s));
  edge->attach(taker);
  must(edge->start());
}

void events::add(const cluster::peer_opened& e) {
  const std::lock_guard lock{mutex_};
  opened_.push_back(e);
  changed_.notify_all();
}

void events::on_batch(std::function<void(const cluster::peer_received&)> what) {
  const std::lock_guard lock{mutex_};
  on_batch_ = std::move(what);
}

void events::add(const cluster::peer_received& e) {
  const std::lock_guard lock{mutex_};
  if (on_batch_)
    on_batch_(e);
  ++batches_;
  changed_.notify_all();
}

void events::add(const cluster::peer_closed& e) {
  const std::lock_guard lock{mutex_};
  closed_.push_back(e);
  changed_.notify_all();
}

template <class Condition>
bool events::wait(Condition condition) const {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, patience, condition);
}

std::vector<cluster::peer_opened> events::opened() const {
  const std::lock_guard lock{mutex_};
  return opened_;
}

std::vector<cluster::peer_closed> events::closed() const {
  const std::lock_guard lock{mutex_};
  return closed_;
}

std::size_t events::batches() const {
  const std::lock_guard lock{mutex_};
  return batches_;
}

bool events::wait_opened(std::size_t count) const {
  return wait([&] { return opened_.size() >= count; });
}

bool events::wait_closed(std::size_t count) const {
  return wait([&] { return closed_.size() >= count; });
}

bool events::wait_batches(std::size_t count) const {
  return wait([&] { return batches_ >= count; });
}

namespace {

// A class, because CAF's function-based actors bind a null reference, which UBSan does not forgive.
class listener_actor final : public caf::event_based_actor {
public:
  listener_actor(caf::actor_config& config, events& heard)
      : caf::event_based_actor(config), heard_(heard) {}

  caf::behavior make_behavior() override {
    return {
        [this](const cluster::peer_opened& e) { heard_.add(e); },
        [this](const cluster::peer_received& e) { heard_.add(e); },
        [this](const cluster::peer_closed& e) { heard_.add(e); },
    };
  }

private:
  events& heard_;
};

} // namespace

struct basp_node::configuration : caf::actor_system_config {
  configuration() {
    basp::configure_basp(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
    set("scheduler.max-throughput", std::size_t{50});
  }
};

basp_node::basp_node(net::edge_settings s)
    : config_(std::make_unique<configuration>()),
      system_(std::make_unique<caf::actor_system>(*config_)),
      edge_(std::make_shared<net::cluster_edge>(std::move(s))) {
  owner_ = system_->spawn<listener_actor>(std::ref(heard));
  transport_ = std::make_unique<basp::basp_transport>(*system_, edge_);
  transport_->attach(caf::actor_cast<caf::strong_actor_ptr>(owner_));
  must(edge_->start());
}

basp_node::~basp_node() {
  transport_.reset();
  caf::anon_send_exit(owner_, caf::exit_reason::user_shutdown);
  owner_ = nullptr;
  system_.reset();
}

cluster::peer_connection basp_node::connect(const std::string& address) {
  const auto c = transport_->dial(address);
  const bool opened = eventually([&] {
    for (const auto& e : heard.opened())
      if (e.connection == c)
        return true;
    return false;
  });
  if (!opened)
    throw std::runtime_error("no connection to " + address);
  return c;
}

void basp_node::send(cluster::peer_connection to, std::string bytes) {
  transport_->send(to, std::make_shared<const std::string>(std::move(bytes)));
}

} // namespace argosy::test
