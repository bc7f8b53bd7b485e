#include "runtime/wire/node/node_parts.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <memory>

namespace argosy::wire {

namespace {

using std::chrono::microseconds;

/// The error of each node::ErrorCode. The wire keeps its numbers whatever becomes of errc's.
constexpr std::array errors{
    errc::none,
    errc::internal,
    errc::unauthorized,
    errc::unknown_channel,
    errc::permission_denied,
    errc::method_not_found,
    errc::already_subscribed,
    errc::limit_exceeded,
    errc::bad_request,
    errc::unknown_class,
    errc::not_available,
    errc::token_expired,
    errc::expired,
    errc::too_many_requests,
    errc::unrecoverable_position,
    errc::retry_later,
    errc::closed_normal,
    errc::shutdown,
    errc::connection_expired,
    errc::subscription_expired,
    errc::slow_consumer,
    errc::write_error,
    errc::insufficient_state,
    errc::force_reconnect,
    errc::no_pong,
    errc::closed_too_many_requests,
    errc::invalid_token,
    errc::closed_bad_request,
    errc::stale,
    errc::force_no_reconnect,
    errc::connection_limit,
    errc::channel_limit,
    errc::closed_permission_denied,
    errc::closed_not_available,
    errc::too_many_errors,
};
static_assert(errors.size() == static_cast<std::size_t>(errc::count_),
              "a new error needs a number at the end of ErrorCode in schemas/cluster.capnp");
static_assert(errors.size() == static_cast<std::size_t>(node::ErrorCode::TOO_MANY_ERRORS) + 1);

constexpr std::int64_t age_unknown = -1;
/// Beyond this, an instant less an age could fall off the clock.
constexpr std::int64_t age_us_max = std::numeric_limits<std::int64_t>::max() / 4'000;

} // namespace

// -- writing --------------------------------------------------------------------------------------

std::int64_t age_us(clock_time then, clock_time now) {
  if (then == clock_time{})
    return age_unknown;
  const auto age = std::chrono::duration_cast<microseconds>(now - then).count();
  return std::clamp<std::int64_t>(age, 0, age_us_max);
}

node::ErrorCode wire_error(errc e) noexcept {
  const auto found = std::find(errors.begin(), errors.end(), e);
  return static_cast<node::ErrorCode>(found - errors.begin());
}

void write(node::ClientId::Builder out, const client_id& id) {
  out.setHigh(id.high);
  out.setLow(id.low);
}

void write(node::ClientInfo::Builder out, const client_info& info) {
  write(out.initClient(), info.client);
  if (!info.user.empty())
    out.setUser(text_of(info.user));
  if (!info.conn_info.empty())
    out.setConnInfo(data_of(info.conn_info));
  if (!info.chan_info.empty())
    out.setChanInfo(data_of(info.chan_info));
}

void write(node::Publication::Builder out, const publication& p, const writing& w) {
  out.setOffset(p.offset);
  out.setData(data_of(p.data));
  if (p.info != nullptr)
    write(out.initInfo(), *p.info);
  if (!p.tags.empty())
    write(out.initTags(count_of(p.tags)), p.tags);
  out.setTimeMs(p.time_ms);
  out.setConflationKey(p.conflation_key);
  out.setAgeUs(age_us(p.accepted_at, w.now));
  if (!p.idempotency_key.empty())
    out.setIdempotencyKey(text_of(p.idempotency_key));
}

void write(node::Position::Builder out, const stream_position& position) {
  if (!position.epoch.empty())
    out.setEpoch(text_of(position.epoch));
  out.setOffset(position.offset);
}

void write(capnp::List<node::Tag>::Builder out, const std::map<std::string, std::string>& tags) {
  unsigned i = 0;
  for (const auto& [name, value] : tags) {
    out[i].setName(text_of(name));
    out[i++].setValue(text_of(value));
  }
}

void write(capnp::List<node::Publication>::Builder out, const publications& items,
           const writing& w) {
  for (unsigned i = 0; i < out.size(); ++i)
    write(out[i], *items[i], w);
}

// -- reading --------------------------------------------------------------------------------------

bool instant_of(std::int64_t age_us, reading& r, clock_time& out) {
  if (age_us < age_unknown || age_us > age_us_max)
    return r.refuse(envelope_flaw::value);
  if (age_us != age_unknown)
    out = r.now - microseconds{age_us};
  return true;
}

bool read(capnp::Text::Reader in, reading& r, address& out) {
  auto parsed = address::parse({in.begin(), in.size()});
  if (!parsed || parsed->key().size() > envelope_key_max
      || parsed->tenant().size() > envelope_tenant_max)
    return r.refuse(envelope_flaw::value);
  out = std::move(*parsed);
  return true;
}

bool read(node::ErrorCode in, reading& r, errc& out) {
  const auto number = static_cast<std::size_t>(in);
  if (number >= errors.size())
    return r.refuse(envelope_flaw::value);
  out = errors[number];
  return true;
}

bool read(node::ClientId::Reader in, reading&, client_id& out) {
  out = {in.getHigh(), in.getLow()};
  return true;
}

bool read(node::ClientInfo::Reader in, reading& r, client_info_ptr& out) {
  auto info = std::make_shared<client_info>();
  info->user = string_of(in.getUser());
  info->conn_info = string_of(in.getConnInfo());
  info->chan_info = string_of(in.getChanInfo());
  const bool good = read(in.getClient(), r, info->client);
  out = std::move(info);
  return good;
}

bool read(node::Publication::Reader in, reading& r, publication_ptr& out) {
  auto p = std::make_shared<publication>();
  p->offset = in.getOffset();
  p->data = string_of(in.getData());
  p->time_ms = in.getTimeMs();
  p->idempotency_key = string_of(in.getIdempotencyKey());
  p->conflation_key = in.getConflationKey();
  const bool good = instant_of(in.getAgeUs(), r, p->accepted_at)
                    && (!in.hasInfo() || read(in.getInfo(), r, p->info))
                    && read(in.getTags(), r, p->tags);
  out = std::move(p);
  return good;
}

bool read(node::Position::Reader in, reading&, stream_position& out) {
  out.epoch = string_of(in.getEpoch());
  out.offset = in.getOffset();
  return true;
}

bool read(capnp::List<node::Tag>::Reader in, reading& r, std::map<std::string, std::string>& out) {
  if (in.size() > envelope_items_max)
    return r.refuse(envelope_flaw::too_large);
  for (const auto tag : in)
    out.insert_or_assign(string_of(tag.getName()), string_of(tag.getValue()));
  return true;
}

} // namespace argosy::wire
