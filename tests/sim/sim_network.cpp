#include "tests/sim/sim_network.hpp"

#include "runtime/reply_to.hpp"

#include <vector>

namespace argosy::sim {

class sim_network::transport final : public cluster::peer_transport {
public:
  transport(sim_network& net, std::string at) : net_(net), at_(std::move(at)) {
    net_.plugs_[at_] = this;
  }
  ~transport() override { unplug(); }

  void attach(caf::strong_actor_ptr owner) override { owner_ = std::move(owner); }
  cluster::peer_connection dial(std::string_view address) override {
    const auto number = ++net_.last_;
    net_.dial(at_, number, std::string{address});
    return number;
  }
  void send(cluster::peer_connection to, cluster::shared_bytes batch) override {
    net_.send(to, std::move(batch));
  }
  void close(cluster::peer_connection which) override {
    if (const auto found = net_.ends_.find(which); found != net_.ends_.end()) {
      const auto other = found->second.other;
      net_.drop(which, "closed here", false);
      net_.drop(other, "closed by the other side", false);
    }
  }
  void stop() override { unplug(); }

  caf::strong_actor_ptr owner_;

private:
  void unplug() {
    if (const auto found = net_.plugs_.find(at_);
        found != net_.plugs_.end() && found->second == this)
      net_.kill(at_);
  }

  sim_network& net_;
  const std::string at_;
};

class sim_network::lamp final : public cluster::probe_transport {
public:
  lamp(sim_network& net, std::string at) : net_(net), at_(std::move(at)) {
    net_.lamps_[at_] = this;
  }
  ~lamp() override { stop(); }

  void attach(taker who) override { taker_ = std::move(who); }
  void send(const std::string& address, const cluster::probe_note& what) override {
    const auto once_in = [&](double share) {
      return std::bernoulli_distribution{share}(net_.random_);
    };
    for (int copies = once_in(net_.weather_.datagram_doubled) ? 2 : 1; copies > 0; --copies)
      if (!once_in(net_.weather_.datagram_loss))
        net_.datagrams_.emplace(net_.now_ + net_.delay(), datagram{at_, address, what});
  }
  void stop() override {
    if (const auto found = net_.lamps_.find(at_);
        found != net_.lamps_.end() && found->second == this)
      net_.lamps_.erase(found);
  }

  taker taker_;

private:
  sim_network& net_;
  const std::string at_;
};

std::unique_ptr<cluster::probe_transport> sim_network::light_lamp(const std::string& address) {
  return weather_.datagrams ? std::make_unique<lamp>(*this, address) : nullptr;
}

std::unique_ptr<cluster::peer_transport> sim_network::plug_in(const std::string& address) {
  return std::make_unique<transport>(*this, address);
}

instant sim_network::delay() {
  return instant{std::uniform_int_distribution<std::int64_t>{weather_.delay_min.count(),
                                                             weather_.delay_max.count()}(random_)};
}

void sim_network::heal() {
  cuts_.clear();
  slow_.clear();
}

void sim_network::slow(const std::string& a, const std::string& b, instant by) {
  if (by > instant{0})
    slow_[{a, b}] = by;
  else
    slow_.erase({a, b});
}

void sim_network::reset(const std::string& a, const std::string& b) {
  std::vector<id> broken;
  for (const auto& [number, e] : ends_)
    if (const auto other = ends_.find(e.other); other != ends_.end())
      if ((e.at == a && other->second.at == b) || (e.at == b && other->second.at == a))
        broken.push_back(number);
  for (const auto number : broken)
    drop(number, "reset on the way", false);
}

bool sim_network::passes(const std::string& a, const std::string& b) const {
  return !cuts_.contains({a, b}) && !frozen_.contains(b);
}

void sim_network::dial(const std::string& from, id number, const std::string& to) {
  dials_.emplace(now_ + delay(), std::pair{from, std::pair{number, to}});
}

void sim_network::send(id from, cluster::shared_bytes batch) {
  const auto mine = ends_.find(from);
  if (mine == ends_.end())
    return;
  const auto other = ends_.find(mine->second.other);
  if (other == ends_.end())
    return;
  auto& to = other->second;
  const auto lag = slow_.find({mine->second.at, to.at});
  const auto extra = lag == slow_.end() ? instant{0} : lag->second;
  to.last_due = std::max(to.last_due, now_ + delay() + extra);
  ++batches_;
  bytes_ += batch->size();
  to.coming.push_back({to.last_due, std::move(batch)});
}

void sim_network::tell_closed(const std::string& at, id number, const std::string& why,
                              bool refused) {
  closings_.emplace(now_ + delay(), std::pair{at, cluster::peer_closed{number, refused, why}});
}

void sim_network::drop(id number, const std::string& why, bool refused) {
  const auto found = ends_.extract(number);
  if (found)
    tell_closed(found.mapped().at, number, why, refused);
}

void sim_network::kill(const std::string& a) {
  plugs_.erase(a);
  frozen_.erase(a); // the next process of that name is not the one that was stopped
  std::vector<std::pair<id, id>> broken;
  for (const auto& [number, e] : ends_)
    if (e.at == a)
      broken.emplace_back(number, e.other);
  for (const auto& [mine, other] : broken) {
    ends_.erase(mine);
    drop(other, "reset by the other side", false);
  }
}

void sim_network::advance(instant now) {
  now_ = now;
  while (!dials_.empty() && dials_.begin()->first <= now_) {
    const auto [from, what] = dials_.extract(dials_.begin()).mapped();
    const auto& [number, to] = what;
    if (!plugs_.contains(from))
      continue;
    if (!passes(from, to) || !passes(to, from)) {
      closings_.emplace(now_ + instant{3'000'000},
                        std::pair{from, cluster::peer_closed{number, false, "no answer"}});
    } else if (!plugs_.contains(to)) {
      tell_closed(from, number, "connection refused", true);
    } else {
      const auto theirs = ++last_;
      auto& mine = ends_[number];
      mine.at = from;
      mine.number = number;
      mine.other = theirs;
      auto& other = ends_[theirs];
      other.at = to;
      other.number = theirs;
      other.other = number;
      other.inbound = true;
      for (const auto n : {number, theirs}) {
        auto& e = ends_[n];
        e.open = true;
        tell(plugs_[e.at]->owner_, cluster::peer_opened{n, e.inbound, {}});
      }
    }
  }
  while (!datagrams_.empty() && datagrams_.begin()->first <= now_) {
    const auto d = std::move(datagrams_.extract(datagrams_.begin()).mapped());
    const auto to = lamps_.find(d.to);
    if (to == lamps_.end() || !passes(d.from, d.to))
      continue;
    ++datagrams_delivered_;
    to->second->taker_(d.what);
  }
  std::vector<id> stuck;
  for (auto& [number, e] : ends_) {
    const auto other = ends_.find(e.other);
    const auto from = other == ends_.end() ? std::string{} : other->second.at;
    while (!e.coming.empty() && e.coming.front().due <= now_) {
      if (!passes(from, e.at)) {
        if (e.stuck_since < instant{0})
          e.stuck_since = now_;
        else if (now_ - e.stuck_since > weather_.break_after)
          stuck.push_back(number);
        break;
      }
      e.stuck_since = instant{-1};
      tell(plugs_[e.at]->owner_, cluster::peer_received{number, std::move(e.coming.front().batch)});
      e.coming.pop_front();
    }
  }
  for (const auto number : stuck)
    if (const auto found = ends_.find(number); found != ends_.end()) {
      const auto other = found->second.other;
      drop(number, "nothing gets through", false);
      drop(other, "nothing gets through", false);
    }
  while (!closings_.empty() && closings_.begin()->first <= now_) {
    auto [at, what] = closings_.extract(closings_.begin()).mapped();
    if (const auto plug = plugs_.find(at); plug != plugs_.end())
      tell(plug->second->owner_, std::move(what));
  }
}

} // namespace argosy::sim
