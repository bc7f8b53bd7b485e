// any_message: messages with whatever may be in them, from a seed.
#pragma once

#include "runtime/core/errc.hpp"
#include "runtime/node_message.hpp"

#include <boost/pfr.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace argosy::testing {

/// An instant that is neither zero nor a whole second.
inline constexpr std::chrono::steady_clock::time_point some_time{
    std::chrono::microseconds{7'654'321'012'345}};

class any_message {
public:
  explicit any_message(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  bool coin() { return below(2) == 0; }

  /// A `Message` with all its fields drawn.
  template <class Message>
  Message make() {
    Message m{};
    fill(m);
    return m;
  }

  address any_address() {
    const auto kind = static_cast<address_kind>(below(address_kind_count));
    return {any_name(), kind, any_bytes(1 + below(below(8) == 0 ? 1024 : 30))};
  }

  /// Any bytes, zeros and bad UTF-8 among them.
  std::string any_bytes(std::size_t size) {
    std::string s(size, '\0');
    for (auto& c : s)
      c = static_cast<char>(random_());
    return s;
  }

private:
  void fill(bool& b) { b = coin(); }
  void fill(errc& e) { e = static_cast<errc>(below(static_cast<std::uint64_t>(errc::count_))); }
  void fill(session_verb& v) { v = static_cast<session_verb>(below(4)); }
  void fill(inquiry& t) { t = static_cast<inquiry>(below(inquiry_count)); }
  void fill(cluster::bounce& b) { b = static_cast<cluster::bounce>(below(2)); }
  void fill(cluster::member_state& s) { s = static_cast<cluster::member_state>(below(4)); }
  void fill(cluster::pull_refusal& r) { r = static_cast<cluster::pull_refusal>(below(4)); }
  void fill(presence_verb& v) { v = static_cast<presence_verb>(below(4)); }
  void fill(address& a) { a = any_address(); }
  void fill(reply_to&) {}
  void fill(interested_party& p) { fill(p.version); }
  void fill(cluster::node_identity& id) { id = {any_name(), random_()}; }

  template <std::integral Number>
  void fill(Number& n) {
    n = static_cast<Number>(coin() ? random_() : below(100));
  }

  /// Now and then one that does not fit the first segment of a message.
  void fill(std::string& s) { s = any_bytes(below(40) == 0 ? 10'000 : below(30)); }

  void fill(std::chrono::steady_clock::time_point& t) {
    t = coin() ? std::chrono::steady_clock::time_point{}
               : some_time - std::chrono::microseconds{below(1'000'000'000'000)};
  }

  template <class T>
  void fill(std::optional<T>& o) {
    if (coin())
      fill(o.emplace());
  }
  template <class A, class B>
  void fill(std::pair<A, B>& p) {
    fill(p.first);
    fill(p.second);
  }
  template <class T>
  void fill(std::vector<T>& v) {
    v.resize(below(5));
    for (auto& item : v)
      fill(item);
  }
  void fill(std::map<std::string, std::string>& m) {
    for (auto n = below(4); n > 0; --n)
      fill(m[any_bytes(below(10))]);
  }
  template <class T>
  void fill(std::shared_ptr<const T>& p) {
    p = std::make_shared<const T>(make<T>());
  }
  template <class... Ts>
  void fill(std::variant<Ts...>& v) {
    auto chosen = below(sizeof...(Ts));
    ((chosen-- == 0 ? fill(v.template emplace<Ts>()) : void()), ...);
  }

  /// Where nobody need be named, often nobody is.
  template <class Message>
  void fill(Message& m) {
    boost::pfr::for_each_field(m, [this](auto& field) { fill(field); });
    if constexpr (requires { m.publisher; })
      m.publisher = coin() ? nullptr : m.publisher;
    if constexpr (requires { m.gateway; })
      m.gateway = {}; // whoever sent it: the receiver writes it in
    if constexpr (std::is_same_v<Message, publication>)
      m.info = coin() ? nullptr : m.info;
    if constexpr (std::is_same_v<Message, node_told>)
      for (auto& item : m.items)
        item.ticket = 0; // what is part of an answer has none of its own
    if constexpr (std::is_same_v<Message, cluster::link_hello>)
      m.address = any_name() + ":7000";
    keep_in_bounds(m);
  }

  /// What a reader of shards and positions insists on.
  template <class Message>
  void keep_in_bounds(Message& m) {
    if constexpr (std::is_same_v<Message, declare_interest>)
      m.known = m.known.epoch.empty() ? stream_position{} : m.known; // nowhere
    if constexpr (std::is_same_v<Message, cluster::room_content>)
      m.room = m.room.as(address_kind::room);
    if constexpr (requires { m.shard = shard_count; })
      m.shard %= shard_count;
    if constexpr (std::is_same_v<Message, cluster::shards_active>)
      for (auto& shard : m.shards)
        shard %= shard_count;
    if constexpr (std::is_same_v<Message, cluster::shard_part>) {
      m.parts = std::max(m.parts, 1U);
      m.part %= m.parts;
    }
  }

  std::string any_name() {
    constexpr std::string_view letters{"abcxyzABCXYZ0189._-"};
    std::string name(1 + below(cluster::member_name_max), '-');
    for (auto& c : name)
      c = letters[below(letters.size())];
    return name;
  }

  /// One that a leader could have decided: in order, and nobody both alive and fenced.
  void fill(cluster::view& v) {
    fill(v.no);
    std::map<std::string, cluster::member> members;
    for (auto n = below(6); n > 0; --n) {
      auto m = make<cluster::member>();
      m.address = any_name() + ":7000";
      m.state = static_cast<cluster::member_state>(below(3));
      m.weight = static_cast<std::uint32_t>(below(cluster::weight_max + 1));
      m.zone = coin() ? "" : any_name();
      m.region = coin() ? "" : any_name();
      members[m.id.name] = m;
    }
    for (const auto& [name, m] : members)
      v.members.push_back(m);
    for (auto n = below(4); n > 0; --n)
      v.fenced.push_back({"gone" + std::to_string(n), random_()});
    fill(v.overrides);
    for (const auto& [name, m] : members)
      if (m.weight > 0)
        v.previous.members.push_back({m.id, m.weight});
    fill(v.previous.overrides);
    for (const auto& gone : v.fenced)
      if (coin())
        v.leases_left.push_back({gone, static_cast<std::uint32_t>(below(5000))});
  }
  void fill(std::vector<cluster::shard_override>& all) {
    for (std::uint32_t shard = 0; shard < shard_count;
         shard += 1 + static_cast<std::uint32_t>(below(2000)))
      all.push_back({shard, any_name()});
  }

  std::mt19937_64 random_;
};

/// Calls `visit(m)` with a value of each message that may cross a link.
template <class Visit>
void for_each_message(any_message& any, Visit&& visit) {
  const auto of_group = [&]<class... Ms>(std::type_identity<std::variant<Ms...>>) {
    (visit(any.make<Ms>()), ...);
  };
  of_group(std::type_identity<routed_message>{});
  of_group(std::type_identity<node_answer>{});
  of_group(std::type_identity<replica_message>{});
  of_group(std::type_identity<peer_message>{});
}

} // namespace argosy::testing
