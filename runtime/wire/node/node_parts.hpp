// node_parts: the pieces that messages between nodes are made of, written and read.
//
// A writer fills a builder of schemas/cluster.capnp and leaves null what says nothing. A reader
// returns false for what cannot be, with the reason in its `reading`.
#pragma once

#include "runtime/cluster/view.hpp"
#include "runtime/core/address.hpp"
#include "runtime/core/errc.hpp"
#include "runtime/core/publication.hpp"
#include "runtime/wire/message_writer.hpp"
#include "runtime/wire/node/node_codec.hpp"

#include <cstdint>
#include <map>
#include <schemas/cluster.capnp.h>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::wire {

// -- writing --------------------------------------------------------------------------------------

/// What the writers of one envelope share.
struct writing {
  clock_time now;
};

void write(node::ClientId::Builder out, const client_id& id);
void write(node::ClientInfo::Builder out, const client_info& info);
void write(node::Publication::Builder out, const publication& p, const writing& w);
void write(node::Position::Builder out, const stream_position& position);
void write(node::NodeIdentity::Builder out, const cluster::node_identity& id);
void write(node::Member::Builder out, const cluster::member& m);
void write(node::View::Builder out, const cluster::view& v);
void write(capnp::List<node::Tag>::Builder out, const std::map<std::string, std::string>& tags);
void write(capnp::List<node::Publication>::Builder out, const publications& items,
           const writing& w);

/// Microseconds from `then` to `now`; -1 where `then` is no instant.
std::int64_t age_us(clock_time then, clock_time now);

node::ErrorCode wire_error(errc e) noexcept;

/// Writes the items one by one with their own `write`.
template <class List, class Item>
void write_items(List out, const std::vector<Item>& items) {
  for (unsigned i = 0; i < out.size(); ++i)
    write(out[i], items[i]);
}

template <class Items>
unsigned count_of(const Items& items) {
  return static_cast<unsigned>(items.size());
}

// -- reading --------------------------------------------------------------------------------------

/// What the readers of one envelope share.
struct reading {
  clock_time now;
  envelope_flaw flaw = envelope_flaw::value; ///< why a reader has returned false

  bool refuse(envelope_flaw why) {
    flaw = why;
    return false;
  }
};

inline std::string string_of(capnp::Text::Reader text) {
  return {text.begin(), text.size()};
}
inline std::string string_of(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

/// The way back of `age_us`: no instant for -1.
bool instant_of(std::int64_t age_us, reading& r, clock_time& out);

bool read(capnp::Text::Reader in, reading& r, address& out);
bool read(node::ErrorCode in, reading& r, errc& out);
bool read(node::ClientId::Reader in, reading& r, client_id& out);
bool read(node::ClientInfo::Reader in, reading& r, client_info_ptr& out);
bool read(node::Publication::Reader in, reading& r, publication_ptr& out);
bool read(node::Position::Reader in, reading& r, stream_position& out);
bool read(node::NodeIdentity::Reader in, reading& r, cluster::node_identity& out);
bool read(node::Member::Reader in, reading& r, cluster::member& out);
bool read(node::View::Reader in, reading& r, cluster::view& out);
bool read(capnp::List<node::Tag>::Reader in, reading& r, std::map<std::string, std::string>& out);

/// Reads the items one by one with their own `read`.
template <class List, class Item>
bool read_items(const List& in, reading& r, std::vector<Item>& out,
                std::size_t items_max = envelope_items_max) {
  if (in.size() > items_max)
    return r.refuse(envelope_flaw::too_large);
  out.resize(in.size());
  for (unsigned i = 0; i < in.size(); ++i)
    if (!read(in[i], r, out[i]))
      return false;
  return true;
}

} // namespace argosy::wire
