// shard_messages: the writers and readers of what the hosts of shards say, for the group of peer
// messages.
#pragma once

#include "runtime/messages/shards.hpp"
#include "runtime/node_message.hpp"
#include "runtime/wire/node/node_parts.hpp"

namespace argosy::wire {

void write(node::Envelope::Builder envelope, const cluster::shard_wanted& m, const writing& w);
void write(node::Envelope::Builder envelope, const cluster::shard_part& m, const writing& w);
void write(node::Envelope::Builder envelope, const cluster::shard_refused& m, const writing& w);
void write(node::Envelope::Builder envelope, const cluster::shard_received& m, const writing& w);
void write(node::Envelope::Builder envelope, const cluster::shards_active& m, const writing& w);

/// envelope_flaw::unknown if it is none of these.
bool read_shards(node::Envelope::Reader in, reading& r, peer_message& out);

} // namespace argosy::wire
