#include "tests/sim/invariants.hpp"

#include "runtime/messages/describe.hpp"
#include "runtime/messages/user.hpp"
#include "tests/sim/one_question.hpp"
#include "tests/sim/promises.hpp"

#include <caf/scoped_actor.hpp>

#include <set>

namespace argosy::sim {

namespace {

/// The lease rule: nobody acts under an old view later than that after a new one was decided. The
/// last part is the time between two samples.
constexpr std::chrono::milliseconds lease_rule{3'200 + 100};
/// A node starts with this much queued for a peer at the very most.
constexpr std::uint64_t link_bytes_max = 16U << 20;

} // namespace

void invariants::sample() {
  const auto now = world_.now();
  for (const auto& name : world_.running()) {
    if (world_.paused(name))
      continue;
    auto& node = world_.node(name);
    const auto no = node.view_no();
    auto& [life, followed] = followed_[name];
    if (life != world_.life_of(name)) {
      life = world_.life_of(name);
      followed = 0;
    }
    if (no < followed)
      log_.complain(name + " went back from view " + std::to_string(followed) + " to "
                    + std::to_string(no));
    if (no != followed)
      log_.note(name + " acts by view " + std::to_string(no));
    followed = no;
    if (no > newest_) {
      newest_ = no;
      known_since_[no] = now;
    }
    if (no == newest_ || node.fenced())
      continue;
    const auto next = known_since_.upper_bound(no);
    if (next != known_since_.end() && now - next->second > lease_rule)
      log_.complain(name + " acts by view " + std::to_string(no) + " "
                    + std::to_string((now - next->second).count()) + " ms after view "
                    + std::to_string(next->first));
  }
}

void invariants::at_rest() {
  std::set<std::string> views;
  for (const auto& name : world_.running()) {
    const auto view = world_.node(name).cluster().routes().view();
    views.insert(view ? std::to_string(view->no) + " " + cluster::to_string(*view) : "none");
    leftovers(name);
    links(name);
  }
  if (views.size() > 1)
    for (const auto& v : views)
      log_.complain("views differ in the end: " + v);
}

// Rooms, users and trackers live on the owner of their shard and nowhere else.
void invariants::leftovers(const std::string& name) {
  auto& routes = world_.node(name).actors().routes();
  for (const auto kind : {address_kind::room, address_kind::user, address_kind::presence})
    for (const auto& at : routes.active(kind))
      if ((kind != address_kind::presence || promises::trackers_move)
          && routes.place_of(at.shard()) != this_node)
        log_.complain(name + " keeps " + std::string{at.text()} + ", whose shard it does not own");
}

void invariants::links(const std::string& name) {
  auto& node = world_.node(name);
  caf::scoped_actor asker{node.actors().system()};
  for (const auto& peer : node.cluster().services().peers.all()) {
    tell(peer->link, describe{{caf::actor_cast<caf::strong_actor_ptr>(asker), 0}});
    node.actors().settle();
    asker->receive(
        [&](const description& d) {
          for (const auto& [key, value] : d.facts)
            if (key == "queued_bytes" && std::stoull(value) > link_bytes_max)
              log_.complain(name + " holds " + value + " bytes for " + d.name);
        },
        caf::after(std::chrono::seconds{0}) >> [] {});
  }
}

void invariants::presence(const std::vector<std::unique_ptr<sim_client>>& clients,
                          const std::vector<std::string>& channels) {
  for (const auto& channel : channels) {
    std::set<std::string> truth;
    for (const auto& c : clients)
      if (c->is_in(channel))
        truth.insert(c->connection().text());
    for (const auto& name : world_.running()) {
      const auto seen = ask<presence_result>(world_, name, presence_command{channel});
      if (!seen) {
        log_.complain(name + " does not say who is in " + channel);
        continue;
      }
      std::set<std::string> said;
      for (const auto& who : seen->clients)
        said.insert(who->client.text());
      for (const auto& t : truth)
        if (!said.contains(t))
          log_.note("missing " + t);
      for (const auto& s : said)
        if (!truth.contains(s))
          log_.note("only said " + s);
      if (said != truth)
        log_.complain(name + " says that " + std::to_string(said.size()) + " are in " + channel
                      + ", and it is " + std::to_string(truth.size()));
    }
  }
}

void invariants::letters(const std::vector<std::unique_ptr<sim_client>>& clients,
                         const std::function<void()>& step) {
  std::set<std::string> users;
  for (const auto& c : clients)
    users.insert(c->plan().user);
  const auto text = [](const std::string& user, const std::string& from) {
    return "\"to " + user + " from " + from + "\"";
  };
  for (const auto& from : world_.running())
    for (const auto& user : users)
      send_letter(world_, from, user, text(user, from));
  for (const auto end = world_.now() + std::chrono::seconds{1}; world_.now() < end;)
    step();
  for (const auto& from : world_.running())
    for (const auto& c : clients)
      if (!c->letters().contains(text(c->plan().user, from)))
        log_.complain(c->plan().name + " at " + c->at_node() + " did not get the letter "
                      + text(c->plan().user, from));
}

void send_letter(sim_world& world, const std::string& from, const std::string& user,
                 std::string text) {
  world.node(from).actors().routes().route(argosy::address{"default", address_kind::user, user},
                                           publish_user{{}, std::move(text), nullptr, {}});
}

} // namespace argosy::sim
