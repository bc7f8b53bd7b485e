#include "node/named_files.hpp"

#include "net/cluster/cluster_tls.hpp"
#include "net/tls_context.hpp"
#include "node/node_name.hpp"
#include "runtime/auth/key_source.hpp"

#include <fstream>
#include <utility>

namespace argosy {

namespace {

constexpr std::size_t secret_bytes_min = 32;
constexpr std::size_t secret_bytes_max = 4'096;

} // namespace

cluster_secret read_cluster_secret(const std::string& path) {
  cluster_secret out;
  std::ifstream in{path, std::ios::binary};
  out.bytes.resize(secret_bytes_max);
  in.read(out.bytes.data(), static_cast<std::streamsize>(out.bytes.size()));
  out.bytes.resize(static_cast<std::size_t>(in.gcount()));
  while (!out.bytes.empty()
         && (out.bytes.back() == '\n' || out.bytes.back() == '\r' || out.bytes.back() == ' '))
    out.bytes.pop_back();
  if (out.bytes.size() < secret_bytes_min)
    out.problem = "`cluster.secret_file` is \"" + path + "\", which holds no "
                  + std::to_string(secret_bytes_min)
                  + " bytes; make it by `openssl rand -hex 32`, once for all nodes.";
  return out;
}

std::vector<std::string> problems_of_files(const node_config& config) {
  std::vector<std::string> out;
  const auto note = [&](std::string problem) {
    if (!problem.empty())
      out.push_back(std::move(problem));
  };
  if (const auto keys = auth::key_source::open(config.auth); !keys)
    note(keys.why().sentence);
  if (config.tls.enabled)
    note(net::tls_context{config.tls.cert_file, config.tls.key_file}.reload());
  const auto& c = config.cluster;
  if (c.seeds.empty())
    return out;
  const auto name = node_name(config);
  if (!c.insecure)
    note(net::cluster_tls{{path_of_node(c.ca_file, name), path_of_node(c.cert_file, name),
                           path_of_node(c.key_file, name)},
                          {c.name, name}}
             .reload());
  if (!c.secret_file.empty())
    note(read_cluster_secret(path_of_node(c.secret_file, name)).problem);
  return out;
}

} // namespace argosy
