// views: members and views that the tests of the cluster's cores start from.
#pragma once

#include "runtime/cluster/view.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

namespace argosy::testing {

inline cluster::member member_of(const std::string& name, std::uint64_t incarnation = 1,
                                 std::uint32_t weight = 100) {
  return {{name, incarnation}, name + ".example:7000", cluster::member_state::up, weight, "", ""};
}

/// A view of these members, all up, with nothing before it.
inline cluster::view view_of(std::vector<cluster::member> members, std::uint64_t no = 1) {
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.id.name < b.id.name; });
  cluster::view v;
  v.no = no;
  v.members = std::move(members);
  return v;
}

inline cluster::view view_of(std::initializer_list<const char*> names, std::uint64_t no = 1) {
  std::vector<cluster::member> members;
  for (const auto* name : names)
    members.push_back(member_of(name));
  return view_of(std::move(members), no);
}

/// n01, n02, ...
inline cluster::view view_of_size(int count) {
  std::vector<cluster::member> members;
  for (int i = 1; i <= count; ++i)
    members.push_back(member_of((i < 10 ? "n0" : "n") + std::to_string(i)));
  return view_of(std::move(members));
}

} // namespace argosy::testing
