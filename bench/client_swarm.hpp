// client_swarm: tens of thousands of WebSocket clients in one thread, as cheap as they can be.
//
// It must not become what it measures: a client is 24 bytes, one epoll registration for life
// (edge-triggered) and one recv() per wake into one scratch buffer; of what arrives only frame
// borders and stamps are looked at. The client library (speech.hpp) reads the answers to connect
// and subscribe, pings, and of what else has no stamp a sample. Text before a client is ready (the
// 101, the answers to connect and subscribe) is collected in a table beside, which is empty once
// all are ready. Runs in a client process (client_process.hpp), takes orders from and counts on its
// board.
#pragma once

#include "bench/board.hpp"
#include "bench/speech.hpp"
#include "bench/target.hpp"
#include "bench/tls_client.hpp"
#include "bench/ws_scanner.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace argosy::bench {

class client_swarm {
public:
  /// Follows the orders on `board`. Reads from `wake_fd` say that there is a new one; its end means
  /// that the controller is gone. Throws std::system_error without epoll.
  client_swarm(client_board& board, const target& server, int wake_fd);
  ~client_swarm();
  client_swarm(const client_swarm&) = delete;
  client_swarm& operator=(const client_swarm&) = delete;

  /// Returns when the order says stop or the controller has gone.
  void run();

private:
  enum class stage : std::uint8_t { unborn, connecting, securing, upgrading, joining, ready, gone };

  struct client {
    ws_scanner scanner;
    int fd = -1;
    stage at = stage::unborn;
    bool sampling = false; ///< the read under way has its latency taken
    bool served = false;   ///< publications arrive: nobody refuses this client
  };
  static_assert(sizeof(client) == 24);

  // -- the way to ready --------------------------------------------------------------------------
  void launch();
  bool start_connect(std::uint32_t slot);
  void connected(std::uint32_t slot);
  void secure(std::uint32_t slot);
  void ask_upgrade(std::uint32_t slot);
  void take_upgrade_answer(std::uint32_t slot, std::string_view bytes);
  void introduce(std::uint32_t slot);
  void take_welcome(std::uint32_t slot, const ws_piece& piece);
  void become_ready(std::uint32_t slot);

  // -- what arrives ------------------------------------------------------------------------------
  void on_event(std::uint32_t slot, std::uint32_t events);
  void read(std::uint32_t slot, bool to_the_end);
  void take(std::uint32_t slot, std::string_view bytes);
  void take_frames(std::uint32_t slot, std::string_view bytes);
  void take_piece(std::uint32_t slot, const ws_piece& piece);
  void take_data(std::uint32_t slot, const ws_piece& piece);
  void heed(std::uint32_t slot, std::string_view message);

  // -- what leaves -------------------------------------------------------------------------------
  bool send(std::uint32_t slot, std::string_view bytes);
  bool say(std::uint32_t slot, std::string_view message);
  void publish(std::uint32_t slot);
  void publish_due(std::uint64_t now_ns);
  void follow_order();

  // -- helpers -----------------------------------------------------------------------------------
  void end(std::uint32_t slot, std::string_view why);
  void complain(std::string_view why);
  std::string room_of(std::uint32_t slot) const;
  std::string token_of(std::uint32_t slot) const;
  bool publishes(std::uint32_t slot) const noexcept;
  std::int64_t wait_ns(std::uint64_t now_ns) const noexcept;

  client_board& board_;
  client_plan plan_;
  const target& server_;
  std::unique_ptr<speech> speech_;
  int wake_fd_;
  int epoll_ = -1;
  std::vector<client> clients_;
  std::vector<tls_session> sessions_; ///< by slot; empty without TLS
  std::optional<tls_client> tls_;
  std::unordered_map<std::uint32_t, std::string> early_text_; ///< by slot, until it is ready
  std::vector<char> scratch_;
  std::string heartbeat_reply_; ///< encoded once
  std::uint32_t next_slot_ = 0; ///< next client to start
  std::uint32_t under_way_ = 0; ///< started and neither ready nor gone
  std::uint32_t read_number_ = 0;
  std::uint32_t command_id_ = 10;
  phase phase_ = phase::connect;
  std::uint32_t rate_ = 0; ///< publications a second of this process, in phase publish
  std::uint64_t next_publish_ns_ = 0;
  std::uint32_t next_publisher_ = 0; ///< slot
};

} // namespace argosy::bench
