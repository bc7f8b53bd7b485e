// A strand with a thread of its own: order, one at a time, and an end that loses nothing.
#include "runtime/message_table.hpp"
#include "runtime/thread_strand.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/send.hpp>
#include <doctest/doctest.h>

#include <array>
#include <thread>
#include <vector>

namespace {

struct number {
  int value = 0;
};

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(number)

namespace {

class list_keeper final : public argosy::strand_actor {
public:
  list_keeper(caf::actor_config& config, argosy::strand& home, std::vector<int>& into)
      : strand_actor(config, home), into_(into) {}

  void receive(caf::mailbox_element& what) override {
    argosy::dispatch(table_, *this, what.content());
  }

private:
  void take(const number& n) {
    into_.push_back(n.value);
    on_its_thread_ &= home().here();
    if (!on_its_thread_)
      into_.push_back(-1);
  }
  static const std::array<argosy::message_row<list_keeper>, 1> table_;

  std::vector<int>& into_;
  bool on_its_thread_ = true;
};

const std::array<argosy::message_row<list_keeper>, 1> list_keeper::table_{
    argosy::on<&list_keeper::take>};

} // namespace

TEST_CASE("thread_strand: handles all that came before its end, in order for each sender") {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::vector<int> got;
  constexpr int each = 2'000;
  {
    argosy::thread_strand strand;
    const auto keeper = argosy::spawn_on<list_keeper>(system, strand, got);
    std::vector<std::thread> senders;
    for (int sender = 0; sender < 3; ++sender)
      senders.emplace_back([&, sender] {
        for (int i = 0; i < each; ++i)
          keeper->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {},
                                                    number{sender * each + i}),
                          nullptr);
      });
    for (auto& s : senders)
      s.join();
    strand.stop();
    strand.stop();
    keeper->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, number{-2}),
                    nullptr);
  }
  REQUIRE(got.size() == 3 * each);
  std::array<int, 3> next{0, each, 2 * each};
  for (const int n : got) {
    REQUIRE(n >= 0);
    CHECK(n == next[static_cast<std::size_t>(n / each)]++);
  }
}
