#include "net/engine.hpp"

#include "net/beast_boundary.hpp"

#include <algorithm>

namespace argosy::net {

namespace {

constexpr std::size_t pump_bytes_max = 64 << 10;
constexpr std::size_t message_memory_kept_max = 64 << 10;
constexpr std::uint16_t bad_payload = 1007;
constexpr std::uint16_t no_status = 1005;
constexpr std::uint16_t protocol_error = 1002;

// What an engine answers to get into the open state; its reply goes nowhere.
http::request<http::empty_body> canned_request(bool deflate) {
  http::request<http::empty_body> r{http::verb::get, "/", 11};
  r.set(http::field::host, "engine");
  r.set(http::field::upgrade, "websocket");
  r.set(http::field::connection, "Upgrade");
  r.set(http::field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
  r.set(http::field::sec_websocket_version, "13");
  if (deflate)
    r.set(http::field::sec_websocket_extensions, "permessage-deflate");
  return r;
}

const http::request<http::empty_body>& opening_request(bool deflate) {
  static const auto plain = canned_request(false);
  static const auto deflated = canned_request(true);
  return deflate ? deflated : plain;
}

} // namespace

engine::engine(const engine_terms& terms, bool deflate, unopened)
    : terms_(terms), deflate_(deflate), stream_(engine_layer{static_cast<engine_port&>(*this)}) {
  configure(deflate);
}

engine::engine(const engine_terms& terms, bool deflate) : engine(terms, deflate, unopened{}) {
  std::string swallowed;
  capture_ = &swallowed;
  error_code ec;
  stream_.accept(opening_request(deflate), ec);
  capture_ = nullptr;
  read();
  idle_request_ = wanted_total_;
}

engine::handshake_result engine::shake_hands(const engine_terms& terms,
                                             const http::request<http::empty_body>& request,
                                             bool deflate, std::string_view subprotocol) {
  handshake_result result;
  engine once{terms, deflate, unopened{}};
  once.capture_ = &result.response;
  once.stream_.set_option(
      websocket::stream_base::decorator([subprotocol, &result](websocket::response_type& answer) {
        answer.set(http::field::server, "argosy");
        if (!subprotocol.empty() && answer.result() == http::status::switching_protocols)
          answer.set(http::field::sec_websocket_protocol, subprotocol);
        result.deflate = answer.count(http::field::sec_websocket_extensions) > 0;
      }));
  error_code ec;
  once.stream_.accept(request, ec);
  result.accepted = !ec;
  once.capture_ = nullptr;
  return result;
}

engine::~engine() {
  if (parked_ != nullptr)
    parked_->finish(parked_, false, {}, 0);
}

void engine::configure(bool server_deflate) {
  websocket::permessage_deflate option;
  option.server_enable = server_deflate;
  option.client_enable = false;
  option.server_no_context_takeover = true;
  option.client_no_context_takeover = true;
  option.compLevel = 1; // its compressor is never used: outbound frames come compressed
  option.memLevel = 1;
  stream_.set_option(option);
  stream_.auto_fragment(false);
  stream_.read_message_max(terms_.message_bytes_max);
}

void engine::bind(connection& c, std::string_view first_bytes) {
  connection_ = &c;
  c.bound = this;
  first_bytes_.assign(first_bytes);
  first_bytes_used_ = 0;
}

void engine::unbind() noexcept {
  if (connection_ != nullptr)
    connection_->bound = nullptr;
  connection_ = nullptr;
}

bool engine::at_boundary() const noexcept {
  // A stream whose own buffer is empty asks for as much as a fresh one did.
  return parked_ != nullptr && wanted_total_ == idle_request_ && stream_.is_message_done()
         && message_.size() == 0 && first_bytes_used_ == first_bytes_.size()
         && !beast_boundary::expects_continuation(stream_);
}

bool engine::pump() {
  if (pumping_)
    return true;
  pumping_ = true;
  bool dry = false;
  std::size_t fed = 0;
  while (parked_ != nullptr && connection_ != nullptr && connection_->state != phase::dead && !dry
         && fed < pump_bytes_max) {
    const auto got = next_bytes(static_cast<char*>(wanted_.data()), wanted_.size());
    if (got.what == engine_host::input::would_block) {
      dry = true;
      break;
    }
    error_code ec;
    if (got.what == engine_host::input::end)
      ec = asio::error::eof;
    else if (got.what == engine_host::input::failed)
      ec = asio::error::connection_reset;
    dry = got.what == engine_host::input::last_bytes;
    fed += got.size;
    auto* op = std::exchange(parked_, nullptr);
    op->finish(op, true, ec, got.size);
  }
  pumping_ = false;
  return dry || parked_ == nullptr || connection_ == nullptr;
}

engine_host::received engine::next_bytes(char* into, std::size_t room) {
  const auto kept = first_bytes_.size() - first_bytes_used_;
  if (kept == 0)
    return terms_.host.receive(*connection_, into, room);
  const auto size = std::min(kept, room);
  first_bytes_.copy(into, size, first_bytes_used_);
  first_bytes_used_ += size;
  if (first_bytes_used_ == first_bytes_.size()) {
    std::string{}.swap(first_bytes_);
    first_bytes_used_ = 0;
  }
  return {engine_host::input::bytes, size};
}

void engine::park(parked_read* op, asio::mutable_buffer first, std::size_t total) {
  parked_ = op;
  wanted_ = first;
  wanted_total_ = total;
  if (!pumping_ && connection_ != nullptr)
    terms_.host.on_engine_parked(*connection_);
}

void engine::write(std::string_view bytes) {
  if (capture_ != nullptr) {
    capture_->append(bytes);
    return;
  }
  if (connection_ == nullptr)
    return;
  constexpr unsigned opcode_mask = 0x0F;
  const auto opcode_bits = static_cast<unsigned char>(bytes[0]) & opcode_mask;
  if (opcode_bits == static_cast<unsigned>(opcode::close) && bytes.size() >= 4)
    close_code_written_ = static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[2]) << 8
                                                     | static_cast<unsigned char>(bytes[3]));
  terms_.host.on_engine_write(*connection_, bytes);
}

void engine::read() {
  stream_.async_read(message_, [this](error_code ec, std::size_t) { on_read(ec); });
}

void engine::on_read(error_code ec) {
  if (connection_ == nullptr)
    return;
  auto& c = *connection_;
  if (ec)
    return on_read_failed(c, ec);
  if (stream_.got_text() && !beast_boundary::finish_utf8(stream_)) {
    terms_.host.on_engine_write(c, frame::encode_close(bad_payload, {}).wire());
    terms_.host.on_engine_violation(c, bad_payload, "text cut off inside a character");
    return;
  }
  const auto payload = message_.cdata();
  terms_.host.on_engine_message(c, {static_cast<const char*>(payload.data()), payload.size()},
                                stream_.got_binary());
  message_.consume(message_.size());
  // Only here: from the next read on, its operation points into the buffer.
  if (message_.capacity() > message_memory_kept_max)
    message_ = beast::flat_buffer{};
  read();
}

void engine::on_read_failed(connection& c, error_code ec) {
  if (ec == websocket::error::closed) {
    const auto& reason = stream_.reason();
    terms_.host.on_engine_closed(c, reason.code == 0 ? no_status : reason.code,
                                 std::string_view{reason.reason.data(), reason.reason.size()});
  } else if (ec == asio::error::eof || ec == asio::error::connection_reset
             || ec == asio::error::operation_aborted) {
    terms_.host.on_engine_end(c);
  } else {
    terms_.host.on_engine_violation(
        c, close_code_written_ != 0 ? close_code_written_ : protocol_error, ec.message());
  }
}

} // namespace argosy::net
