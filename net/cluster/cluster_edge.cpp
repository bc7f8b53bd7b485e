#include "net/cluster/cluster_edge.hpp"

#include "net/cluster/edge_core.hpp"
#include "net/cluster/peer_session.hpp"
#include "net/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <utility>
#include <vector>

namespace argosy::net {

namespace {

using work_guard = asio::executor_work_guard<asio::io_context::executor_type>;

void launch(edge_core& core, cluster::peer_connection number,
            std::shared_ptr<peer_session> session) {
  {
    const std::lock_guard lock{core.mutex};
    core.sessions.emplace(number, session);
    core.figures.pending = core.pending.size();
  }
  asio::co_spawn(
      core.loop, [session]() -> asio::awaitable<void> { co_await session->run(); }, asio::detached);
}

std::string address_of(const tcp::socket& socket) {
  error_code gone;
  const auto endpoint = socket.remote_endpoint(gone);
  return gone ? "nowhere" : endpoint.address().to_string();
}

} // namespace

struct cluster_edge::door {
  door(edge_core& c, std::atomic<cluster::peer_connection>& n)
      : core(c), next(n), work(asio::make_work_guard(c.loop)), acceptor(c.loop), pause(c.loop) {}

  asio::awaitable<void> accept_all() {
    for (;;) {
      auto [error, socket] = co_await acceptor.async_accept(told);
      if (core.stopping)
        co_return;
      if (error) { // as when descriptors run out: to try again at once would spin
        pause.expires_after(std::chrono::milliseconds{100});
        co_await pause.async_wait(told);
        continue;
      }
      admit(std::move(socket));
    }
  }

  void admit(tcp::socket socket) {
    auto address = address_of(socket);
    {
      const std::lock_guard lock{core.mutex};
      ++core.figures.accepted;
    }
    if (const auto no = core.pending.enter(address)) {
      core.refused(*no);
      core.tell(true, "too many connections are shaking hands; turned away " + address);
      return;
    }
    tune(socket);
    const auto number = next++;
    launch(core, number,
           std::make_shared<peer_session>(core, number, std::move(socket), std::move(address)));
  }

  void stop() {
    core.stopping = true;
    error_code ignored;
    acceptor.close(ignored);
    pause.cancel();
    std::vector<std::shared_ptr<peer_session>> all;
    {
      const std::lock_guard lock{core.mutex};
      for (const auto& [number, session] : core.sessions)
        all.push_back(session);
    }
    for (const auto& session : all)
      session->close("this node stops");
    work.reset();
  }

  edge_core& core;
  std::atomic<cluster::peer_connection>& next;
  work_guard work;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
};

cluster_edge::cluster_edge(edge_settings s)
    : core_(std::make_unique<edge_core>(std::move(s))),
      door_(std::make_unique<door>(*core_, next_)) {
}

cluster_edge::~cluster_edge() {
  stop();
}

void cluster_edge::attach(std::shared_ptr<cluster::peer_stream_taker> taker) {
  core_->taker = std::move(taker);
}

std::string cluster_edge::start() {
  const auto& s = core_->settings;
  if (!s.insecure)
    if (auto fault = core_->tls.reload(); !fault.empty())
      return fault;
  auto listening = listen_exclusively(s.listen, static_cast<int>(s.pending_max));
  if (!listening.socket)
    return listening.error;
  port_ = port_of(listening.socket);
  const bool v6 = s.listen.address.find(':') != std::string::npos;
  door_->acceptor.assign(v6 ? tcp::v6() : tcp::v4(), listening.socket.release());
  if (s.insecure)
    s.warn("the cluster port " + s.listen.address + ":" + std::to_string(port_)
           + " runs without TLS: whoever reaches it can pose as a node; make certificates with "
             "`argosy certs`");
  asio::co_spawn(
      core_->loop, [d = door_.get()]() -> asio::awaitable<void> { co_await d->accept_all(); },
      asio::detached);
  thread_ = std::thread{[this] { core_->loop.run(); }};
  return {};
}

std::string cluster_edge::reload() {
  return core_->settings.insecure ? std::string{} : core_->tls.reload();
}

edge_figures cluster_edge::figures() const {
  const std::lock_guard lock{core_->mutex};
  auto f = core_->figures;
  for (const auto& [number, session] : core_->sessions)
    f.streams.push_back(session->figures());
  return f;
}

cluster::peer_connection cluster_edge::dial(std::string_view address) {
  const auto number = next_++;
  asio::post(core_->loop, [this, number, address = std::string{address}] {
    if (core_->stopping) {
      core_->taker->ended(number, false, "this node stops");
      return;
    }
    {
      const std::lock_guard lock{core_->mutex};
      ++core_->figures.dialled;
    }
    launch(*core_, number, std::make_shared<peer_session>(*core_, number, address));
  });
  return number;
}

void cluster_edge::close(cluster::peer_connection which) {
  asio::post(core_->loop, [this, which] {
    if (const auto session = core_->find(which))
      session->close("this node closed the connection");
  });
}

void cluster_edge::release(cluster::peer_connection which) {
  asio::post(core_->loop, [this, which] {
    core_->slots.release(which);
    core_->wake_all();
  });
}

void cluster_edge::stop() {
  if (!thread_.joinable())
    return;
  asio::post(core_->loop, [d = door_.get()] { d->stop(); });
  thread_.join();
}

} // namespace argosy::net
