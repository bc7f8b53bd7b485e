#include "runtime/consensus/disk_format.hpp"

#include "runtime/consensus/crc32c.hpp"

#include <utility>

namespace argosy::consensus {

namespace {

constexpr std::string_view promises_magic = "ARGOPRM1";
constexpr std::string_view snapshot_magic = "ARGOSNP1";
constexpr std::string_view frames_magic = "ARGOLOG1";
constexpr std::size_t frame_header_size = 20;

template <class Number>
void put(std::string& out, Number n) {
  for (std::size_t i = 0; i < sizeof n; ++i)
    out.push_back(static_cast<char>(static_cast<unsigned char>(n >> (8 * i))));
}

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

/// Reads fields one after the other; after one that is not there, `ok` is false and all are zero.
class fields {
public:
  explicit fields(std::string_view bytes) : rest_(bytes) {}

  template <class Number>
  Number number() {
    const auto bytes = take(sizeof(Number));
    Number n = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      n = static_cast<Number>(
          n | static_cast<Number>(static_cast<unsigned char>(bytes[i])) << (8 * i));
    return n;
  }

  std::string text() { return std::string{take(number<std::uint32_t>())}; }

  std::string_view take(std::size_t size) {
    ok_ = ok_ && size <= rest_.size();
    if (!ok_)
      return {};
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  bool ok() const noexcept { return ok_; }
  bool done() const noexcept { return ok_ && rest_.empty(); }

private:
  std::string_view rest_;
  bool ok_ = true;
};

// -- sealed files ---------------------------------------------------------------------------------

std::string sealed(std::string_view magic, std::string_view payload) {
  std::string out{magic};
  put(out, static_cast<std::uint32_t>(payload.size()));
  put(out, crc32c(payload));
  out.append(payload);
  return out;
}

std::optional<std::string_view> payload_of(std::string_view magic, std::string_view file) {
  fields in{file};
  const bool ours = in.take(magic.size()) == magic;
  const auto size = in.number<std::uint32_t>();
  const auto sum = in.number<std::uint32_t>();
  const auto payload = in.take(size);
  if (!ours || !in.done() || crc32c(payload) != sum)
    return std::nullopt;
  return payload;
}

// -- log records ----------------------------------------------------------------------------------

enum class record_kind : std::uint8_t { begins = 1, appends = 2, truncates = 3 };

void put_record(std::string& out, const log_begins& r) {
  put(out, static_cast<std::uint8_t>(record_kind::begins));
  put(out, r.first_index);
}

void put_record(std::string& out, const log_appends& r) {
  put(out, static_cast<std::uint8_t>(record_kind::appends));
  put(out, r.first_index);
  put(out, static_cast<std::uint32_t>(r.entries.size()));
  for (const auto& e : r.entries) {
    put(out, e.term);
    put(out, static_cast<std::uint8_t>(e.kind));
    put_text(out, e.data);
  }
}

void put_record(std::string& out, const log_truncates& r) {
  put(out, static_cast<std::uint8_t>(record_kind::truncates));
  put(out, r.index);
}

std::optional<log_record> read_appends(fields& in) {
  log_appends r;
  r.first_index = in.number<std::uint64_t>();
  for (auto left = in.number<std::uint32_t>(); left > 0 && in.ok(); --left) {
    stored_entry e;
    e.term = in.number<std::uint64_t>();
    const auto kind = in.number<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(entry_kind::configuration))
      return std::nullopt;
    e.kind = static_cast<entry_kind>(kind);
    e.data = in.text();
    r.entries.push_back(std::move(e));
  }
  return r;
}

std::optional<log_record> read_record(std::string_view payload) {
  fields in{payload};
  std::optional<log_record> out;
  switch (static_cast<record_kind>(in.number<std::uint8_t>())) {
  case record_kind::begins:
    out = log_begins{in.number<std::uint64_t>()};
    break;
  case record_kind::appends:
    out = read_appends(in);
    break;
  case record_kind::truncates:
    out = log_truncates{in.number<std::uint64_t>()};
    break;
  }
  return in.done() ? std::move(out) : std::nullopt;
}

} // namespace

std::string seal(const stored_promises& promises) {
  std::string payload;
  put(payload, promises.term);
  put(payload, promises.vote);
  put(payload, promises.log_frame);
  return sealed(promises_magic, payload);
}

std::string seal(const stored_snapshot& snapshot) {
  std::string payload;
  put(payload, snapshot.index);
  put(payload, snapshot.term);
  put(payload, snapshot.configuration_index);
  put_text(payload, snapshot.configuration);
  put_text(payload, snapshot.data);
  return sealed(snapshot_magic, payload);
}

std::optional<stored_promises> unseal_promises(std::string_view file) {
  const auto payload = payload_of(promises_magic, file);
  if (!payload)
    return std::nullopt;
  fields in{*payload};
  stored_promises out;
  out.term = in.number<std::uint64_t>();
  out.vote = in.number<std::uint64_t>();
  out.log_frame = in.number<std::uint64_t>();
  return in.done() ? std::optional{out} : std::nullopt;
}

std::optional<stored_snapshot> unseal_snapshot(std::string_view file) {
  const auto payload = payload_of(snapshot_magic, file);
  if (!payload)
    return std::nullopt;
  fields in{*payload};
  stored_snapshot out;
  out.index = in.number<std::uint64_t>();
  out.term = in.number<std::uint64_t>();
  out.configuration_index = in.number<std::uint64_t>();
  out.configuration = in.text();
  out.data = in.text();
  return in.done() ? std::optional{std::move(out)} : std::nullopt;
}

std::string log_magic() {
  return std::string{frames_magic};
}

std::string frame_of(std::uint64_t number, const log_record& record) {
  std::string payload;
  std::visit([&](const auto& r) { put_record(payload, r); }, record);
  std::string out;
  put(out, static_cast<std::uint32_t>(payload.size()));
  put(out, crc32c(payload));
  put(out, number);
  put(out, crc32c(out));
  return out + payload;
}

log_reader::log_reader(std::string_view file) noexcept
    : file_(file), has_magic_(file.starts_with(frames_magic)) {
  position_ = has_magic_ ? frames_magic.size() : 0;
}

std::optional<log_record> log_reader::next() {
  if (!has_magic_)
    return std::nullopt;
  const auto rest = file_.substr(position_);
  fields in{rest};
  const auto size = in.number<std::uint32_t>();
  const auto sum = in.number<std::uint32_t>();
  const auto number = in.number<std::uint64_t>();
  const auto header_sum = in.number<std::uint32_t>();
  if (!in.ok() || crc32c(rest.substr(0, frame_header_size - 4)) != header_sum)
    return std::nullopt;
  const auto payload = in.take(size);
  const bool follows = last_frame_ == 0 || number == last_frame_ + 1;
  if (!in.ok() || crc32c(payload) != sum || number == 0 || !follows)
    return std::nullopt;
  auto record = read_record(payload);
  if (record) {
    last_frame_ = number;
    position_ += frame_header_size + size;
  }
  return record;
}

} // namespace argosy::consensus
