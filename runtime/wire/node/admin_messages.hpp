// admin_messages: the writers and readers of what admin actors say, for the groups that these
// messages belong to.
#pragma once

#include "runtime/messages/admin.hpp"
#include "runtime/wire/node/node_parts.hpp"

namespace argosy::wire {

void write(node::Envelope::Builder envelope, const inquire_node& m, const writing& w);
void write(node::Envelope::Builder envelope, const node_told& m, const writing& w);
void write(node::Envelope::Builder envelope, const description& m, const writing& w);

bool read(node::InquireNode::Reader in, reading& r, inquire_node& out);
bool read(node::NodeTold::Reader in, reading& r, node_told& out);
bool read(node::Description::Reader in, reading& r, description& out);

} // namespace argosy::wire
