#include "actors/cluster/council.hpp"

#include "runtime/wire/node/node_codec.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace argosy {

namespace {

template <class T>
std::string bytes_of(const T& message) {
  return *wire::encode(0, address{}, 0, message, {});
}

void fold(std::string& state, std::string_view command) {
  const auto next = view_in(command);
  const auto old = view_in(state).value_or(cluster::view{});
  if (next && cluster::is_successor(old, *next))
    state = command;
}

} // namespace

std::uint64_t voter_id(std::string_view name) {
  const auto hash = std::hash<cluster::node_identity>{}({std::string{name}, 0});
  return std::max<std::uint64_t>(hash, 1);
}

std::string command_of(const cluster::view& v) {
  return bytes_of(cluster::view_decided{v});
}

std::string mark_of(std::uint64_t term) {
  return bytes_of(cluster::view_wanted{term});
}

std::optional<cluster::view> view_in(std::string_view command) {
  node_envelope e;
  if (command.empty() || wire::decode(command, e, {}) != wire::envelope_flaw::none)
    return std::nullopt;
  auto* said = std::get_if<peer_message>(&e.what);
  auto* decided = said == nullptr ? nullptr : std::get_if<cluster::view_decided>(said);
  return decided == nullptr ? std::nullopt : std::optional{std::move(decided->what)};
}

std::unique_ptr<consensus::raft_node> take_seat(const cluster_settings& settings,
                                                consensus::raft_store& store,
                                                std::uint64_t random_seed) {
  std::vector<consensus::voter> voters;
  bool among_them = false;
  for (const auto& s : settings.seeds) {
    voters.push_back({voter_id(s.name), s.name});
    among_them |= s.name == settings.self.id.name;
  }
  if (!among_them)
    return nullptr;
  return std::make_unique<consensus::raft_node>(consensus::raft_settings{},
                                                voter_id(settings.self.id.name), std::move(voters),
                                                store, random_seed, fold);
}

} // namespace argosy
