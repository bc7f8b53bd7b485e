// layers: the architecture as a table of who may include whom. An edge that runs up or sideways
// fails the build of whoever drew it.
#include "tests/tidy/source_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using argosy::tidy::at;
using argosy::tidy::find_file;
using argosy::tidy::include_line;
using argosy::tidy::source_file;
using argosy::tidy::source_tree;

namespace {

using names = std::vector<std::string_view>;

/// A folder, the folders and single headers of ours that it may include, and the libraries. The
/// standard library is free.
struct layer {
  std::string_view folder; ///< the longest that fits a file counts
  names ours;
  names libraries;
};

const std::vector<layer> layers{
    // the pure cores stand on nothing
    {"runtime/core", {"runtime/core"}, {}},
    // JSON as text, for all who read it
    {"runtime/json", {"runtime/json"}, {"simdjson"}},
    // what a cluster agrees on
    {"runtime/cluster", {"runtime/core", "runtime/cluster"}, {}},
    // how its voters agree: libraft lives here and nowhere else
    {"runtime/consensus",
     {"runtime/core", "runtime/cluster", "runtime/consensus", "runtime/wire"},
     {"raft", "system"}},
    // the client protocol; the binary dialect is the bridge to Cap'n Proto
    {"runtime/protocol",
     {"runtime/core", "runtime/json", "runtime/protocol", "runtime/wire"},
     {"simdjson"}},
    {"runtime/wire", {"runtime/core", "runtime/protocol", "runtime/wire"}, {"capnp", "simdjson"}},
    // the other half of the wire: what nodes say to each other, as the actors' own messages
    {"runtime/wire/node",
     {"runtime/core", "runtime/cluster", "runtime/messages", "runtime/node_message.hpp",
      "runtime/wire"},
     {"capnp"}},
    {"runtime/config", {"runtime/core", "runtime/config"}, {"toml++", "system"}},
    {"runtime/auth",
     {"runtime/core", "runtime/config", "runtime/json", "runtime/auth"},
     {"boost", "openssl", "simdjson", "system"}},
    // what actors stand on
    {"runtime", {"runtime"}, {"caf", "zlib"}},
    // CAF's own I/O between nodes lives here and nowhere else
    {"runtime/basp", {"runtime"}, {"caf", "caf/io"}},
    // sockets and actors meet at the ports of runtime/ only
    {"net", {"net", "runtime"}, {"boost", "openssl", "liburing", "zlib", "system"}},
    {"actors", {"actors", "runtime"}, {"caf", "simdjson", "spdlog"}},
    {"clients",
     {"clients", "runtime/core", "runtime/json", "runtime/protocol", "runtime/wire"},
     {"boost", "openssl", "capnp", "simdjson", "system"}},
    {"bench",
     {"bench", "clients", "runtime/core", "runtime/auth"},
     {"boost", "openssl", "simdjson", "CLI", "fmt", "spdlog", "zlib", "system"}},
    {"examples", {"clients", "runtime/core"}, {"boost", "openssl", "system"}},
    // the composition root: the one place that knows everything
    {"node",
     {"node", "actors", "net", "bench", "clients", "runtime"},
     {"boost", "openssl", "caf", "spdlog", "fmt", "CLI", "prometheus", "liburing", "system"}},
};

const layer* layer_of(const source_file& file) {
  const layer* best = nullptr;
  for (const auto& l : layers)
    if (file.under(l.folder) && (best == nullptr || l.folder.size() > best->folder.size()))
      best = &l;
  return best;
}

/// "std", "system" for the C library and the kernel, or the name of the library. What the schema
/// compiler makes of schemas/ counts as Cap'n Proto.
std::string_view library_of(std::string_view target) {
  static const std::map<std::string_view, std::string_view> single{{"simdjson.h", "simdjson"},
                                                                   {"zlib.h", "zlib"},
                                                                   {"liburing.h", "liburing"},
                                                                   {"raft.h", "raft"}};
  static const std::set<std::string_view> system{"sys", "netinet", "arpa", "net", "linux"};
  const auto slash = target.find('/');
  if (slash != std::string_view::npos) {
    const auto first = target.substr(0, slash);
    if (target.starts_with("caf/io/"))
      return "caf/io";
    return first == "kj" || first == "schemas" ? "capnp"
           : system.contains(first)            ? "system"
                                               : first;
  }
  if (const auto found = single.find(target); found != single.end())
    return found->second;
  return target.ends_with(".h") ? "system" : "std";
}

bool allowed(const layer& l, const include_line& i) {
  if (!i.quoted) {
    const auto library = library_of(i.target);
    return library == "std"
           || std::find(l.libraries.begin(), l.libraries.end(), library) != l.libraries.end();
  }
  return std::any_of(l.ours.begin(), l.ours.end(), [&](std::string_view folder) {
    return i.target == folder
           || (i.target.size() > folder.size() && i.target.starts_with(folder)
               && i.target[folder.size()] == '/');
  });
}

/// Every library that `file` reaches over files of ours, with one of the files that name it.
void collect(const source_file& file, std::set<std::string>& seen,
             std::map<std::string, std::string>& reached) {
  if (!seen.insert(file.path).second)
    return;
  for (const auto& i : file.includes)
    if (!i.quoted)
      reached.emplace(library_of(i.target), file.path);
    else if (const auto* next = find_file(i.target))
      collect(*next, seen, reached);
}

} // namespace

TEST_CASE("tidy: every file of the program belongs to a layer") {
  for (const auto& file : source_tree())
    if (!file.under("tests"))
      CHECK_MESSAGE(layer_of(file) != nullptr, file.path);
}

TEST_CASE("tidy: no include runs up or sideways") {
  for (const auto& file : source_tree()) {
    const auto* l = layer_of(file);
    if (l == nullptr)
      continue;
    for (const auto& i : file.includes)
      if (!allowed(*l, i))
        FAIL_CHECK(at(file, i.line, std::string{l->folder} + "/ may not include " + i.target));
  }
}

// Only the half of the wire that turns bytes into the actors' messages knows their handles.
TEST_CASE("tidy: CAF is out of reach of the cores, the protocol and the socket layer") {
  for (const auto& file : source_tree())
    for (const auto* folder : {"runtime/core", "runtime/cluster", "runtime/consensus",
                               "runtime/protocol", "runtime/wire", "net"})
      if (file.under(folder) && !file.under("runtime/wire/node")) {
        std::set<std::string> seen;
        std::map<std::string, std::string> reached;
        collect(file, seen, reached);
        if (const auto caf = reached.find("caf"); caf != reached.end())
          FAIL_CHECK(file.path << " reaches CAF by way of " << caf->second);
      }
}

TEST_CASE("tidy: our own headers are named from the root and are there") {
  for (const auto& file : source_tree())
    for (const auto& i : file.includes) {
      const bool generated = i.target.ends_with(".capnp.h") || i.target == "node/version.hpp";
      if (i.quoted && !generated && find_file(i.target) == nullptr)
        FAIL_CHECK(at(file, i.line, "no such header: " + i.target));
    }
}

TEST_CASE("tidy: headers do not include each other in a circle") {
  std::map<std::string, int> state; // 1 = on the way down, 2 = done
  const auto visit = [&](const auto& self, const source_file& file) -> void {
    state[file.path] = 1;
    for (const auto& i : file.includes)
      if (const auto* next = i.quoted ? find_file(i.target) : nullptr) {
        if (state[next->path] == 1)
          FAIL_CHECK(at(file, i.line, "closes a circle with " + next->path));
        else if (state[next->path] == 0)
          self(self, *next);
      }
    state[file.path] = 2;
  };
  for (const auto& file : source_tree())
    if (state[file.path] == 0)
      visit(visit, file);
}
