// fleet: nodes of our own in one cluster, for `argosy bench chaos`: started from this same binary
// on free ports with a throw-away directory, killed, stopped and started again by pid.
//
// What a node thinks of the fleet is read from its log. Nothing here waits: the caller's loop asks
// whether it is so yet, and keeps its clients going meanwhile. In a proxied fleet that loop also
// carries all that nodes say to each other, through lines that can be made bad.
#pragma once

#include "bench/chaos/fault_proxy.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <sys/types.h>
#include <vector>

namespace argosy::bench::chaos {

struct fleet_plan {
  std::vector<std::string> voters;     ///< the seeds of the cluster
  std::vector<std::string> gateways{}; ///< nodes that own nothing
  bool proxied = false;                ///< a fault proxy in front of each node's cluster port
  std::vector<std::string> settings{}; ///< passed on to each node as --set
};

class fleet {
public:
  /// Starts nothing yet. Throws std::runtime_error.
  fleet(boost::asio::io_context& io, fleet_plan plan);
  ~fleet(); ///< kills what still runs and removes the directory
  fleet(const fleet&) = delete;
  fleet& operator=(const fleet&) = delete;

  /// Starts a node, or starts it again at the ports it had.
  void start(const std::string& name);
  void kill(const std::string& name);  ///< SIGKILL, and waits for the end
  void stop(const std::string& name);  ///< SIGTERM; `running` says when it has ended
  void pause(const std::string& name); ///< SIGSTOP
  void resume(const std::string& name);

  // -- the lines between nodes, of a proxied fleet ------------------------------------------------

  /// No line between the two sides lets anything through, whoever called whom.
  void part(const std::set<std::string>& side, const std::set<std::string>& others);
  /// The line between two nodes carries no more than that in either direction.
  void narrow(const std::string& one, const std::string& two, std::uint64_t bytes_per_second);
  void heal();

  // -- what nodes say -----------------------------------------------------------------------------

  bool running(const std::string& name);
  bool listening(const std::string& name);
  /// Whether all that run act by the same view, of exactly `members`, all of them up.
  bool agreed(const std::set<std::string>& members) { return agreed(members, members); }
  /// The same of `nodes`, whatever the others think.
  bool agreed(const std::set<std::string>& members, const std::set<std::string>& nodes);
  /// The number of the view that a node acts by, as its log says.
  std::uint64_t view_no(const std::string& name);
  /// Who says that it leads, in the highest term; "" for nobody.
  std::string leader();
  std::uint16_t port(const std::string& name) const;
  pid_t pid(const std::string& name) const { return nodes_.at(name).pid; }
  const fleet_plan& plan() const noexcept { return plan_; }

  /// A metric of the node, summed over its labels. Throws std::runtime_error if it does not answer.
  double metric(const std::string& name, std::string_view metric) const;

  static constexpr std::string_view room_namespace = "chaos";
  static constexpr std::string_view bulk_namespace = "bulk"; ///< whose rooms remember nothing

private:
  struct node {
    pid_t pid = -1;
    std::uint16_t http_port = 0;
    std::uint16_t cluster_port = 0;
    std::unique_ptr<fault_proxy> proxy;
    int life = 0;
    std::size_t read = 0; ///< of the log of this life
    std::uint64_t view_no = 0;
    std::string view; ///< as in "a up, b up"
    std::uint64_t leads_term = 0;
  };

  std::string file(const std::string& name, std::string_view suffix) const;
  void prepare(const std::string& name);
  std::string address(const std::string& name) const; ///< where others reach it
  std::vector<std::string> settings_of(const std::string& name) const;
  void follow_log(const std::string& name, node& n);
  void update();

  boost::asio::io_context& io_;
  fleet_plan plan_;
  std::string directory_;
  std::map<std::string, node> nodes_;
  std::map<std::set<std::string>, weather> bad_; ///< by the two ends of a line
};

} // namespace argosy::bench::chaos
