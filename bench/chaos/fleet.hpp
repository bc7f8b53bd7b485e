// fleet: nodes of our own in one cluster, for `argosy bench chaos`: started from this same binary
// on free ports with a throw-away directory, killed, stopped and started again by pid.
//
// What a node thinks of the fleet is read from its log. Nothing here waits: the caller's loop asks
// whether it is so yet, and keeps its clients going meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <sys/types.h>
#include <vector>

namespace argosy::bench::chaos {

class fleet {
public:
  /// `voters` are the seeds of the cluster; `settings` are passed on to each node as --set. Throws
  /// std::runtime_error.
  fleet(std::vector<std::string> voters, std::vector<std::string> settings);
  ~fleet(); ///< kills what still runs and removes the directory
  fleet(const fleet&) = delete;
  fleet& operator=(const fleet&) = delete;

  /// Starts a node, or starts it again at the ports it had.
  void start(const std::string& name, std::uint32_t weight = 100);
  void kill(const std::string& name);  ///< SIGKILL, and waits for the end
  void stop(const std::string& name);  ///< SIGTERM; `running` says when it has ended
  void pause(const std::string& name); ///< SIGSTOP
  void resume(const std::string& name);

  bool running(const std::string& name);
  bool listening(const std::string& name);
  /// Whether all that run act by the same view, of exactly `members`, all of them up.
  bool agreed(const std::set<std::string>& members);
  /// Who says that it leads, in the highest term; "" for nobody.
  std::string leader();
  std::uint16_t port(const std::string& name) const;
  pid_t pid(const std::string& name) const { return nodes_.at(name).pid; }
  std::vector<std::string> names() const; ///< of all that were ever started

  /// A metric of the node, summed over its labels. Throws std::runtime_error if it does not answer.
  double metric(const std::string& name, std::string_view metric) const;

  static constexpr std::string_view room_namespace = "chaos";

private:
  struct node {
    pid_t pid = -1;
    std::uint16_t http_port = 0;
    std::uint16_t cluster_port = 0;
    int life = 0;
    std::size_t read = 0; ///< of the log of this life
    std::uint64_t view_no = 0;
    std::string view; ///< as in "a up, b up"
    std::uint64_t leads_term = 0;
  };

  std::string file(const std::string& name, std::string_view suffix) const;
  void follow_log(const std::string& name, node& n);

  std::vector<std::string> voters_;
  std::vector<std::string> settings_;
  std::string directory_;
  std::map<std::string, node> nodes_;
};

} // namespace argosy::bench::chaos
