#include "runtime/core/room_sequencer.hpp"

#include <utility>

namespace argosy {

room_sequencer::room_sequencer(const channel_options& options, std::string epoch)
    : rate_{static_cast<double>(options.publish_per_second),
            static_cast<double>(options.publish_burst)},
      history_(std::move(epoch), options.history_size, options.history_ttl),
      window_(options.dedupe_keys_max, options.dedupe_window) {
}

room_sequencer::outcome room_sequencer::accept(draft d, time_point now) {
  const auto& epoch = history_.position().epoch;
  if (!d.idempotency_key.empty())
    if (const auto known = window_.find(d.idempotency_key, now))
      return {errc::none, nullptr, {epoch, *known}};
  if (!bucket_.take(rate_, now))
    return {errc::too_many_requests, nullptr, {}};

  auto made = std::make_shared<publication>();
  made->offset = d.skip_history ? 0 : history_.position().offset + 1;
  made->data = std::move(d.data);
  made->info = std::move(d.publisher);
  made->tags = std::move(d.tags);
  made->idempotency_key = d.idempotency_key;
  made->time_ms = d.wall_ms;
  made->conflation_key = d.conflation_key;
  made->accepted_at = now;
  if (!d.skip_history)
    history_.append(made, now);
  if (!d.idempotency_key.empty())
    window_.remember(std::move(d.idempotency_key), made->offset, now);
  return {errc::none, made, {epoch, made->offset}};
}

void room_sequencer::adopt(history_content past, std::vector<remembered_key> keys, time_point now) {
  history_.adopt(std::move(past), now);
  window_.adopt(std::move(keys), now);
}

bool room_sequencer::forgettable(time_point now) {
  return history_.size(now) == 0 && window_.size(now) == 0;
}

} // namespace argosy
