// admin_messages: what the admin actors of two nodes ask and tell each other.
#include "runtime/wire/node/admin_messages.hpp"

#include <utility>

namespace argosy::wire {

// -- writing --------------------------------------------------------------------------------------

static void write(node::Description::Builder out, const description& m) {
  out.setKind(text_of(m.kind));
  out.setName(text_of(m.name));
  auto facts = out.initFacts(count_of(m.facts));
  for (unsigned i = 0; i < facts.size(); ++i) {
    facts[i].setKey(text_of(m.facts[i].first));
    facts[i].setValue(text_of(m.facts[i].second));
  }
}

void write(node::Envelope::Builder envelope, const inquire_node& m, const writing&) {
  auto out = envelope.initInquireNode();
  out.setAbout(static_cast<node::InquireNode::Topic>(m.about));
  if (!m.subject.empty())
    out.setSubject(text_of(m.subject));
  out.setLimit(m.limit);
}

void write(node::Envelope::Builder envelope, const node_told& m, const writing&) {
  envelope.setAnswers(m.ticket);
  auto out = envelope.initNodeTold();
  out.setError(wire_error(m.error));
  out.setTotal(m.total);
  out.setSilent(m.silent);
  auto items = out.initItems(count_of(m.items));
  for (unsigned i = 0; i < items.size(); ++i)
    write(items[i], m.items[i]);
}

void write(node::Envelope::Builder envelope, const description& m, const writing&) {
  envelope.setAnswers(m.ticket);
  write(envelope.initDescription(), m);
}

// -- reading --------------------------------------------------------------------------------------

static bool read(node::Description::Fact::Reader in, reading&,
                 std::pair<std::string, std::string>& out) {
  out = {string_of(in.getKey()), string_of(in.getValue())};
  return true;
}

bool read(node::Description::Reader in, reading& r, description& out) {
  out.kind = string_of(in.getKind());
  out.name = string_of(in.getName());
  return read_items(in.getFacts(), r, out.facts);
}

bool read(node::InquireNode::Reader in, reading& r, inquire_node& out) {
  if (static_cast<std::size_t>(in.getAbout()) >= inquiry_count)
    return r.refuse(envelope_flaw::value);
  out.about = static_cast<inquiry>(in.getAbout());
  out.subject = string_of(in.getSubject());
  out.limit = in.getLimit();
  return true;
}

bool read(node::NodeTold::Reader in, reading& r, node_told& out) {
  out.total = in.getTotal();
  out.silent = in.getSilent();
  return read(in.getError(), r, out.error) && read_items(in.getItems(), r, out.items);
}

} // namespace argosy::wire
