#include "actors/admin/shell_questions.hpp"

#include "actors/admin/actor_kinds.hpp"
#include "runtime/core/address.hpp"
#include "runtime/messages/facts.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace argosy {

namespace {

constexpr std::uint32_t top_default = 10;

std::string tenant_of(const shell_request& r) {
  return r.arguments.contains("tenant") ? std::string{r.argument("tenant")} : "default";
}

/// Calls `visit(node, description)` for all that was told.
template <class Visit>
void for_each_item(const fleet_told& told, Visit&& visit) {
  for (const auto& [node, answer] : told.nodes)
    if (const auto* all = std::get_if<node_told>(&answer))
      for (const auto& item : all->items)
        visit(node, item);
}

/// A table with the name of each description, its node, and these facts of it.
struct table_plan {
  std::string_view name;
  std::string_view node; ///< the column of the node; "" = none
  std::string_view item; ///< the column of the description's name; "" = none
  std::vector<shell_column> facts;
};

shell_table table_of(const table_plan& plan, const fleet_told& told, std::string_view kind = {}) {
  shell_table out{std::string{plan.name}, {}, {}};
  for (const auto column : {plan.node, plan.item})
    if (!column.empty())
      out.columns.push_back({std::string{column}, false});
  out.columns.insert(out.columns.end(), plan.facts.begin(), plan.facts.end());
  for_each_item(told, [&](const std::string& node, const description& d) {
    if (!kind.empty() && d.kind != kind)
      return;
    auto& row = out.rows.emplace_back();
    if (!plan.node.empty())
      row.push_back(node);
    if (!plan.item.empty())
      row.push_back(d.name);
    for (const auto& column : plan.facts)
      row.emplace_back(fact(d, column.name));
  });
  return out;
}

// -- status and nodes -----------------------------------------------------------------------------

const table_plan nodes_plan{"nodes",
                            "",
                            "node",
                            {{"state"},
                             {"view", true},
                             {"fenced"},
                             {"leads"},
                             {"connections", true},
                             {"users", true},
                             {"rooms", true},
                             {"replicas", true},
                             {"shards", true},
                             {"uptime_s", true},
                             {"version"}}};

shell_answer tell_nodes(const shell_request&, const fleet_told& told) {
  return {{table_of(nodes_plan, told)}, {}, {}};
}

shell_answer tell_status(const shell_request&, const fleet_told& told) {
  std::uint64_t up = 0;
  std::uint64_t connections = 0;
  std::uint64_t users = 0;
  std::set<std::string> views;
  std::set<std::string> versions;
  std::string leader;
  std::vector<std::string> notes;
  for_each_item(told, [&](const std::string& node, const description& d) {
    const auto state = fact(d, "state");
    up += state == "up" || state == "alone" ? 1 : 0;
    connections += number(fact(d, "connections"));
    users += number(fact(d, "users"));
    views.emplace(fact(d, "view"));
    versions.emplace(fact(d, "version"));
    if (fact(d, "leads") == "yes")
      leader = node;
    if (fact(d, "fenced") == "yes")
      notes.push_back("node " + node
                      + " is fenced: it has lost the majority of the seeds and acknowledges "
                        "nothing until it finds them again");
    if (state == "outside" || state == "joining" || state == "leaving")
      notes.push_back("node " + node + " is " + std::string{state});
  });
  const auto all = told.nodes.size() + told.silent.size();
  if (views.size() > 1)
    notes.push_back("the nodes act by different views; nodes shows which");
  if (versions.size() > 1)
    notes.push_back("the nodes run different versions; nodes shows which");
  shell_table table{
      "status",
      {{"nodes", true}, {"up", true}, {"view"}, {"leader"}, {"connections", true}, {"users", true}},
      {}};
  std::string view;
  for (const auto& no : views)
    view += (view.empty() ? "" : " ") + no;
  table.rows.push_back({std::to_string(all), std::to_string(up), view, leader,
                        std::to_string(connections), std::to_string(users)});
  return {{std::move(table)}, {}, std::move(notes)};
}

// -- view, shards, links --------------------------------------------------------------------------

shell_answer tell_view(const shell_request&, const fleet_told& told) {
  const table_plan plan{"members",
                        "",
                        "node",
                        {{"state"},
                         {"incarnation"},
                         {"address"},
                         {"weight", true},
                         {"zone"},
                         {"region"},
                         {"shards", true}}};
  shell_answer out{{table_of(plan, told)}, {}, {}};
  for_each_item(told, [&](const std::string&, const description& d) {
    if (const auto no = fact(d, "view"); out.notes.empty() && !no.empty())
      out.notes.push_back(no == "0" ? "there is no view: this node is alone or has not joined yet"
                                    : "view " + std::string{no});
  });
  return out;
}

shell_answer tell_shards(const shell_request& r, const fleet_told& told) {
  const auto of = r.argument("of");
  const table_plan plan{"shards", "", "node", {{"shards", true}, {"which"}}};
  shell_answer out{{table_of(plan, told)}, {}, {}};
  auto& table = out.tables.front();
  if (of.empty()) {
    table.columns.pop_back();
    for (auto& row : table.rows) {
      row.pop_back();
      row.front() = row.front().empty() ? "(nobody)" : row.front();
    }
  } else if (table.rows.empty()) {
    out.notes.push_back("node \"" + std::string{of} + "\" owns no shards in this view");
  }
  return out;
}

shell_answer tell_links(const shell_request&, const fleet_told& told) {
  const table_plan plan{"links",
                        "node",
                        "peer",
                        {{"state"},
                         {"rtt_us", true},
                         {"queued_bytes", true},
                         {"in_flight_bytes", true},
                         {"window_bytes", true},
                         {"lagging_rooms", true},
                         {"questions", true},
                         {"sent", true},
                         {"lost", true},
                         {"not_understood", true}}};
  return {{table_of(plan, told)}, {}, {}};
}

// -- actors ---------------------------------------------------------------------------------------

std::uint32_t top_of(const shell_request& r) {
  const auto top = number(r.argument("top"));
  return top == 0 ? top_default : static_cast<std::uint32_t>(std::min<std::uint64_t>(top, 1'000));
}

/// Facts that would make a table too wide, or are different for each.
bool in_tables(std::string_view key) {
  return key != "channels" && !key.starts_with("session ") && key != "nodes";
}

shell_answer tell_actors(const shell_request& r, const fleet_told& told) {
  const auto* kind = find_kind(r.argument("kind"));
  shell_table table{"actors", {{"node"}, {"name"}, {std::string{kind->size}, true}}, {}};
  std::vector<std::pair<std::string, const description*>> all;
  std::uint64_t total = 0;
  for (const auto& [node, answer] : told.nodes)
    if (const auto* part = std::get_if<node_told>(&answer))
      total += part->total;
  for_each_item(told, [&](const std::string& node, const description& d) {
    all.emplace_back(node, &d);
    for (const auto& [key, value] : d.facts)
      if (in_tables(key)
          && std::none_of(table.columns.begin(), table.columns.end(),
                          [&](const shell_column& c) { return c.name == key; }))
        table.columns.push_back({key, true});
  });
  std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
    return number(fact(*a.second, kind->size)) > number(fact(*b.second, kind->size));
  });
  all.resize(std::min<std::size_t>(all.size(), top_of(r)));
  for (const auto& [node, d] : all) {
    auto& row = table.rows.emplace_back(std::vector<std::string>{node, d->name});
    for (std::size_t i = 2; i < table.columns.size(); ++i)
      row.emplace_back(fact(*d, table.columns[i].name));
  }
  shell_answer out{{std::move(table)}, {}, {}};
  if (total > all.size())
    out.notes.push_back("the largest " + std::to_string(all.size()) + " of " + std::to_string(total)
                        + " by " + std::string{kind->size});
  return out;
}

shell_answer tell_show(const shell_request& r, const fleet_told& told) {
  shell_table table{"facts", {{"node"}, {"kind"}, {"name"}, {"fact"}, {"value"}}, {}};
  for_each_item(told, [&](const std::string& node, const description& d) {
    for (const auto& [key, value] : d.facts)
      table.rows.push_back({node, d.kind, d.name, key, value});
  });
  shell_answer out{{std::move(table)}, {}, {}};
  if (out.tables.front().rows.empty())
    out.notes.push_back("no node has an awake actor \"" + std::string{r.argument("address")}
                        + "\"");
  return out;
}

// -- users and rooms ------------------------------------------------------------------------------

const table_plan connections_plan{
    "connections",
    "node",
    "client",
    {{"peer"}, {"dialect"}, {"loop", true}, {"queued_bytes", true}, {"rooms", true}, {"channels"}}};

shell_answer tell_who(const shell_request& r, const fleet_told& told) {
  shell_table sessions{"sessions", {{"owner"}, {"client"}, {"node"}}, {}};
  for_each_item(told, [&](const std::string& node, const description& d) {
    constexpr std::string_view session = "session ";
    if (d.kind == "user")
      for (const auto& [key, value] : d.facts)
        if (key.starts_with(session))
          sessions.rows.push_back({node, key.substr(session.size()), value});
  });
  shell_answer out{{std::move(sessions), table_of(connections_plan, told, "connection")}, {}, {}};
  if (out.tables[0].rows.empty() && out.tables[1].rows.empty())
    out.notes.push_back("user \"" + std::string{r.argument("user")} + "\" of tenant \""
                        + tenant_of(r) + "\" is not online");
  return out;
}

shell_answer tell_room(const shell_request& r, const fleet_told& told) {
  const table_plan room{
      "room",
      "owner",
      "",
      {{"epoch"}, {"offset", true}, {"history", true}, {"interested_nodes", true}, {"nodes"}}};
  const table_plan replicas{
      "replicas", "node", "", {{"members", true}, {"epoch"}, {"offset", true}, {"ring", true}}};
  shell_answer out{{table_of(room, told, "room"), table_of(replicas, told, "replica")}, {}, {}};
  if (out.tables[0].rows.empty() && out.tables[1].rows.empty())
    out.notes.push_back("room \"" + std::string{r.argument("name")} + "\" of tenant \""
                        + tenant_of(r)
                        + "\" is not active: nobody is subscribed and nothing is kept");
  if (out.tables[0].rows.size() > 1)
    out.notes.push_back("two nodes act as the owner of this room; that is a bug worth reporting");
  return out;
}

// -- the rows -------------------------------------------------------------------------------------

struct row {
  std::string_view command;
  inquiry about;
  bool here_only;
  shell_answer (*tell)(const shell_request& request, const fleet_told& told);
};

constexpr std::array rows{
    row{"status", inquiry::node, false, tell_status},
    row{"nodes", inquiry::node, false, tell_nodes},
    row{"view", inquiry::members, true, tell_view},
    row{"shards", inquiry::shards, true, tell_shards},
    row{"links", inquiry::links, false, tell_links},
    row{"actors", inquiry::actors, false, tell_actors},
    row{"show", inquiry::actor, false, tell_show},
    row{"who", inquiry::user, false, tell_who},
    row{"room", inquiry::room, false, tell_room},
};

const row* find_row(std::string_view command) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const row& r) { return r.command == command; });
  return found == rows.end() ? nullptr : &*found;
}

std::string subject_of(const row& asked, const shell_request& r) {
  switch (asked.about) {
  case inquiry::shards:
    return std::string{r.argument("of")};
  case inquiry::actors:
    return std::string{r.argument("kind")};
  case inquiry::actor:
    return std::string{r.argument("address")};
  case inquiry::user:
    return std::string{address{tenant_of(r), address_kind::user, r.argument("user")}.text()};
  case inquiry::room:
    return std::string{address{tenant_of(r), address_kind::room, r.argument("name")}.text()};
  default:
    return {};
  }
}

} // namespace

std::optional<shell_question> question_of(const shell_request& request) {
  const auto* asked = find_row(request.command);
  if (asked == nullptr)
    return std::nullopt;
  return shell_question{{{}, asked->about, subject_of(*asked, request), top_of(request)},
                        asked->here_only};
}

shell_answer answer_of(const shell_request& request, const fleet_told& told) {
  auto out = find_row(request.command)->tell(request, told);
  out.silent = told.silent;
  for (const auto& [node, answer] : told.nodes)
    if (const auto* part = std::get_if<node_told>(&answer); part != nullptr && part->silent > 0)
      out.notes.push_back(std::to_string(part->silent) + " actors of node " + node
                          + " did not answer in time");
  return out;
}

} // namespace argosy
