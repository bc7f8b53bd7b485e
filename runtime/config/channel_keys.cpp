#include "runtime/config/key.hpp"

#include <array>

namespace argosy::config {

namespace {

using options = channel_options;

template <auto Member>
field at(options& o) {
  return &(o.*Member);
}

using row = key<options>;

const std::array table{
    row{"presence", at<&options::presence>, "", any(),
        "Keep the list of who is subscribed. Costs one entry per subscription."},
    row{"join_leave", at<&options::join_leave>, "", any(),
        "Send join and leave messages to subscribers who ask for them. In a room of n a join costs "
        "n deliveries (see rooms.join_leave_clients_max), and a subscription an entry, as with "
        "presence."},
    row{"force_push_join_leave", at<&options::force_push_join_leave>, "", any(),
        "Send join and leave messages to all subscribers, asked or not."},
    row{"history_size", at<&options::history_size>, "publications", between(0, 100'000),
        "How many publications a room remembers; 0 = no history. History is memory: size times "
        "the size of a publication, for each active room."},
    row{"history_ttl_ms", at<&options::history_ttl>, "ms", between(0, 31'536'000'000),
        "For how long it remembers them. History needs both, a size and a time."},
    row{"force_positioning", at<&options::force_positioning>, "", any(),
        "Watch the stream position of each subscriber, asked or not, so that a lost message is "
        "noticed. Needs history."},
    row{"force_recovery", at<&options::force_recovery>, "", any(),
        "Let each subscriber catch up after a lost connection, asked or not. Needs history."},
    row{"allow_subscribe_for_client", at<&options::allow_subscribe_for_client>, "", any(),
        "Any client with a user name may subscribe, without a subscription token."},
    row{"allow_subscribe_for_anonymous", at<&options::allow_subscribe_for_anonymous>, "", any(),
        "Widens the line above to clients without a user name."},
    row{"allow_publish_for_client", at<&options::allow_publish_for_client>, "", any(),
        "Any client with a user name may publish, subscribed or not."},
    row{"allow_publish_for_subscriber", at<&options::allow_publish_for_subscriber>, "", any(),
        "Subscribers may publish."},
    row{"allow_publish_for_anonymous", at<&options::allow_publish_for_anonymous>, "", any(),
        "Widens the two lines above to clients without a user name."},
    row{"allow_history_for_client", at<&options::allow_history_for_client>, "", any(),
        "Any client with a user name may read the history."},
    row{"allow_history_for_subscriber", at<&options::allow_history_for_subscriber>, "", any(),
        "Subscribers may read the history."},
    row{"allow_history_for_anonymous", at<&options::allow_history_for_anonymous>, "", any(),
        "Widens the two lines above to clients without a user name."},
    row{"allow_presence_for_client", at<&options::allow_presence_for_client>, "", any(),
        "Any client with a user name may ask who is there."},
    row{"allow_presence_for_subscriber", at<&options::allow_presence_for_subscriber>, "", any(),
        "Subscribers may ask who is there."},
    row{"allow_presence_for_anonymous", at<&options::allow_presence_for_anonymous>, "", any(),
        "Widens the two lines above to clients without a user name."},
    row{"allow_user_limited_channels", at<&options::allow_user_limited_channels>, "", any(),
        "A channel such as dialog#42,43 is open to the users it names and to nobody else."},
    row{"publish_per_second", at<&options::publish_per_second>, "publications/s",
        between(0, 1'000'000),
        "What one room accepts in the long run; 0 = no limit. More is answered with error 111."},
    row{"publish_burst", at<&options::publish_burst>, "publications", between(1, 10'000'000),
        "What one room accepts at once."},
    row{"dedupe_window_ms", at<&options::dedupe_window>, "ms", between(0, 86'400'000),
        "For how long a publication with the same idempotency key is the same publication; 0 = "
        "never."},
    row{"dedupe_keys_max", at<&options::dedupe_keys_max>, "keys", between(0, 10'000'000),
        "How many idempotency keys a room remembers; beyond it the oldest goes early. Costs about "
        "100 bytes a key."},
};

} // namespace

std::span<const key<channel_options>> channel_keys() noexcept {
  return table;
}

} // namespace argosy::config
