// mesh_actor: which connections this node has to others, and whose they are; one a node.
//
// Picture the officer of the deck: he hails whom he should meet, asks everyone who comes alongside
// for ship and voyage, and leads them to the mail officer in charge. Of each pair of members the
// one with the lesser name dials, so that there is one connection; after a break, the other one,
// too. A node that is no member yet dials the seeds. A connection that proves to be of a peer that
// has one already replaces it: the other side has noticed a break first.
#pragma once

#include "actors/cluster/cluster_services.hpp"
#include "runtime/core/repetition.hpp"
#include "runtime/message_table.hpp"
#include "runtime/messages/link.hpp"
#include "runtime/messages/mesh.hpp"
#include "runtime/strand.hpp"

#include <array>
#include <chrono>
#include <map>
#include <random>
#include <string>

namespace argosy {

class mesh_actor final : public strand_actor {
public:
  mesh_actor(caf::actor_config& config, strand& home, cluster_services& services,
             std::uint64_t random_seed);

  void receive(caf::mailbox_element& what) override;

private:
  using time_point = std::chrono::steady_clock::time_point;
  using connection_id = cluster::peer_connection;

  // -- what the transport reports -----------------------------------------------------------------
  void opened(const cluster::peer_opened& m);
  void received(const cluster::peer_received& m);
  void closed(const cluster::peer_closed& m);

  // -- greeting -----------------------------------------------------------------------------------
  struct connection {
    bool inbound = true;
    std::string dialled_name; ///< whom we expect there; "" = not known
    std::string dialled_address;
    std::string certified_name;
    std::string greeted_name; ///< as it said, true or not
    time_point since{};
    bool open = false;          ///< the transport has it; our hello is on its way
    bool outlived = false;      ///< it said hello as a life that is over
    bool refused = false;       ///< it was told so at `since`, and has a moment to read it
    cluster::node_identity who; ///< after its hello
  };
  void greet(connection_id id);
  void send_alone(connection_id id, const cluster::shared_bytes& envelope);
  void hear_greeting(connection_id id, connection& c, const cluster::shared_bytes& batch);
  std::string objection(const connection& c, const cluster::link_hello& hello) const;
  void refuse(connection_id id, connection& c, const std::string& why);
  void welcome(connection_id id, connection& c, const cluster::link_hello& hello);
  bool keeps_older(const connection& older, const connection& newer) const;

  // -- keeping ------------------------------------------------------------------------------------
  void keep(keep_links& m);
  void begin_again(const argosy::begin_again& m);
  void tick(const mesh_tick& m);
  void dial_missing();
  bool was_lost(const cluster::node_identity& id);
  void dial(const std::string& name, const std::string& where);
  void end_stale();
  void describe_to(const describe& m);

  struct known_link {
    peer_ptr entry;
    connection_id connection = 0; ///< 0 = none at the moment
    time_point idle_since{};
  };
  struct redial {
    time_point at{};
    std::chrono::milliseconds pause{0};
  };

  static const std::array<message_row<mesh_actor>, 7> table_;

  cluster_services& cluster_;
  cluster::view view_;
  std::map<connection_id, connection> connections_;
  std::map<cluster::node_identity, known_link> links_;
  std::map<std::string, redial> redials_; ///< by name
  std::mt19937_64 random_;
  std::uint64_t refused_ = 0;
  repetition said_;
};

} // namespace argosy
