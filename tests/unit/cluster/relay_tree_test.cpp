// relay_tree: everybody once, fair shares, and another draw for each room and view.
#include "runtime/cluster/relay_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

using argosy::cluster::node_identity;
using argosy::cluster::relay_tree;

namespace {

std::vector<node_identity> fleet(std::size_t n) {
  std::vector<node_identity> out;
  for (std::size_t i = 0; i < n; ++i)
    out.push_back({"n" + std::to_string(i), i});
  return out;
}

} // namespace

TEST_CASE("relay_tree: up to the threshold the owner tells every node itself") {
  CHECK(relay_tree({}, 1, 1).empty());
  for (const std::size_t n : {1U, 2U, 16U}) {
    const auto tree = relay_tree(fleet(n), 1, 1);
    CHECK(tree.size() == n);
    for (const auto& branch : tree)
      CHECK(branch.share.empty());
  }
}

TEST_CASE("relay_tree: beyond, about the square root of them, with shares that differ by one") {
  for (std::size_t n = 17; n <= 400; ++n) {
    const auto tree = relay_tree(fleet(n), 7, 3);
    REQUIRE(tree.size() * tree.size() >= n);
    REQUIRE((tree.size() - 1) * (tree.size() - 1) < n);
    std::set<node_identity> told;
    std::size_t least = n;
    std::size_t most = 0;
    for (const auto& branch : tree) {
      REQUIRE(told.insert(branch.node).second);
      for (const auto& node : branch.share)
        REQUIRE(told.insert(node).second);
      least = std::min(least, branch.share.size());
      most = std::max(most, branch.share.size());
    }
    REQUIRE(told.size() == n);
    REQUIRE(most - least <= 1);
  }
}

TEST_CASE("relay_tree: the same for the same room and view, whatever the order of the nodes") {
  auto nodes = fleet(40);
  const auto tree = relay_tree(nodes, 5, 9);
  std::reverse(nodes.begin(), nodes.end());
  CHECK(relay_tree(nodes, 5, 9) == tree);
  CHECK(relay_tree(nodes, 6, 9) != tree);
  CHECK(relay_tree(nodes, 5, 10) != tree);
}

TEST_CASE("relay_tree: over many rooms the work of a relay falls on all nodes alike") {
  std::map<node_identity, int> drawn;
  for (std::uint64_t room = 0; room < 2000; ++room)
    for (const auto& branch : relay_tree(fleet(25), room, 1))
      ++drawn[branch.node];
  CHECK(drawn.size() == 25);
  for (const auto& [node, times] : drawn) {
    CHECK(times > 400 * 80 / 100);
    CHECK(times < 400 * 120 / 100);
  }
}
