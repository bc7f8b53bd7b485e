// The first half of a session: TLS, names, and who of two that dial each other goes first.
#include "net/cluster/peer_session.hpp"

#include <boost/asio/ssl/error.hpp>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>

namespace argosy::net {

namespace {

constexpr refusal to_refusal(verdict v) noexcept {
  return v == verdict::clash ? refusal::name_clash : refusal::duplicate;
}

// What a node that is turned away without a word may guess.
constexpr auto does_not_accept_us = "it does not accept the certificate of this node, or one of "
                                    "the two runs with cluster.insecure and the other does not";
constexpr auto another_has_the_name = "another node has the name of this one";

std::string sentence_of(verdict v, const std::string& node) {
  switch (v) {
  case verdict::clash:
    return "another node named " + node + " is connected; give each node a name of its own";
  case verdict::duplicate:
    return "a stream to the node " + node + " is open already";
  case verdict::opening:
  case verdict::go:
    break;
  }
  return "another stream to the node " + node + " is being opened";
}

bool is_expiry(long result) noexcept {
  return result == X509_V_ERR_CERT_HAS_EXPIRED || result == X509_V_ERR_CERT_NOT_YET_VALID;
}

int reason_of(const error_code& error) noexcept {
  return ERR_GET_REASON(static_cast<unsigned long>(error.value()));
}

/// The reason of an alert that the other side sent; 0 = it is none.
int alert_of(const error_code& error) noexcept {
  const bool by_tls = error.category() == asio::error::get_ssl_category();
  const auto reason = by_tls ? reason_of(error) : 0;
  return reason > SSL_AD_REASON_OFFSET ? reason : 0;
}

bool is_about_certificate(int reason) noexcept {
  const auto alert = reason - SSL_AD_REASON_OFFSET;
  return (alert >= SSL_AD_NO_CERTIFICATE && alert <= SSL_AD_CERTIFICATE_UNKNOWN)
         || alert == SSL_AD_UNKNOWN_CA || alert == SSL_AD_CERTIFICATE_REQUIRED;
}

/// The start of a TLS record, where a hello should be.
bool is_tls(std::string_view head) noexcept {
  return (head[0] == SSL3_RT_ALERT || head[0] == SSL3_RT_HANDSHAKE)
         && head[1] == SSL3_VERSION_MAJOR;
}

bool is_end(const error_code& error) noexcept {
  return error == asio::error::eof || error == asio::error::connection_reset
         || error == asio::error::broken_pipe || error == asio::ssl::error::stream_truncated;
}

} // namespace

std::string peer_session::who() const {
  const std::string at = inbound_ ? "the peer from " + address_ : "the node at " + address_;
  return peer_.node.empty() ? at : "the node " + peer_.node;
}

/// The connection broke while we were `doing` something. In TLS 1.3 the side that dials is done
/// before its certificate is judged, so what the other one thinks of it comes here.
bool peer_session::lost(const std::string& doing) {
  const auto error = wire_.error();
  if (const auto reason = alert_of(error))
    return alerted(reason);
  turned_away_ = !inbound_ && !berthed_;
  if (turned_away_ && is_end(error))
    return end(refusal::hung_up, who() + " hung up while " + doing + "; its log tells why: mostly "
                                     + (figured_ ? another_has_the_name : does_not_accept_us));
  if (is_end(error))
    return end(refusal::hung_up, who() + " went away while " + doing);
  return end(refusal::hung_up, who() + " was lost while " + doing + ": " + error.message());
}

asio::awaitable<bool> peer_session::secure() {
  if (core_.settings.insecure)
    co_return true;
  const bool shaken = co_await wire_.shake_hands(core_.tls.current(), inbound_);
  co_return shaken ? check_certificate() : handshake_failed();
}

bool peer_session::handshake_failed() {
  const auto error = wire_.error();
  const auto result = SSL_get_verify_result(wire_.tls());
  if (result != X509_V_OK)
    return end(is_expiry(result) ? refusal::expired : refusal::untrusted,
               who() + " shows a certificate that the cluster's CA does not vouch for ("
                   + X509_verify_cert_error_string(result) + ")");
  if (is_end(error))
    return lost("shaking hands");
  if (reason_of(error) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
    return end(refusal::untrusted, who() + " shows no certificate");
  if (const auto reason = alert_of(error))
    return alerted(reason);
  return end(refusal::not_tls, who() + " does not speak the cluster's TLS: " + error.message());
}

/// They broke off TLS, and said why.
bool peer_session::alerted(int reason) {
  const std::string said = wire_.error().message();
  if (is_about_certificate(reason))
    return end(refusal::untrusted,
               who() + " refuses the certificate of this node (" + said
                   + "); compare cluster.ca_file there with cluster.cert_file here");
  return end(refusal::not_tls, who() + " breaks off TLS: " + said);
}

bool peer_session::check_certificate() {
  const auto* shown = SSL_get0_peer_certificate(wire_.tls());
  if (shown != nullptr)
    certified_ = name_of(shown);
  if (certified_.node.empty())
    return end(refusal::unnamed,
               who() + " shows a certificate without a node's name (argosy://CLUSTER/NAME)");
  if (certified_.cluster != core_.settings.cluster)
    return end(refusal::wrong_cluster, who() + " shows a certificate of the cluster "
                                           + certified_.cluster + ", but this is "
                                           + core_.settings.cluster);
  return true;
}

asio::awaitable<bool> peer_session::introduce() {
  bool good = true;
  if (!inbound_)
    good = co_await hello_out();
  if (good)
    good = co_await hello_in();
  if (good && inbound_)
    good = co_await hello_out();
  if (!good || !check_hello())
    co_return false;
  if (core_.settings.node < peer_.node)
    good = co_await decide();
  else
    good = co_await follow();
  co_return good;
}

asio::awaitable<bool> peer_session::hello_out() {
  if (!inbound_)
    RAND_bytes(reinterpret_cast<unsigned char*>(peer_.token.data()),
               static_cast<int>(peer_.token.size()));
  const hello ours{core_.settings.cluster, core_.settings.node, core_.instance, peer_.token};
  const auto bytes = encode(ours);
  const bool sent = co_await wire_.write(bytes);
  co_return sent || lost("introducing ourselves");
}

asio::awaitable<bool> peer_session::hello_in() {
  std::array<char, hello_head_bytes> head{};
  bool good = co_await wire_.read(head.data(), head.size());
  if (core_.settings.insecure && is_tls({head.data(), head.size()})) // an alert is shorter
    co_return end(refusal::wrong_preface,
                  who()
                      + " speaks TLS, and this node runs with cluster.insecure; give it "
                        "certificates, or let all nodes go without");
  if (!good)
    co_return lost("waiting for its hello");
  const auto size = hello_rest_bytes({head.data(), head.size()});
  if (!size)
    co_return end(refusal::wrong_preface, who() + " does not speak as a node of a cluster does");
  std::string rest(*size, '\0');
  good = co_await wire_.read(rest.data(), rest.size());
  if (!good)
    co_return lost("waiting for its hello");
  auto theirs = decode_hello(rest);
  if (!theirs)
    co_return end(refusal::wrong_preface, who() + " says a hello that cannot be read");
  if (!inbound_)
    theirs->token = peer_.token;
  peer_ = std::move(*theirs);
  figured_ = true;
  co_return true;
}

bool peer_session::check_hello() {
  const auto& own = core_.settings;
  if (peer_.cluster != own.cluster)
    return end(refusal::wrong_cluster,
               who() + " belongs to the cluster " + peer_.cluster + ", but this is " + own.cluster);
  if (peer_.instance == core_.instance)
    return end(refusal::name_clash, "the address " + address_ + " is that of this node itself");
  if (peer_.node == own.node)
    return end(refusal::name_clash,
               "another node is named " + own.node + ", too; give each node a name of its own");
  if (!own.insecure && certified_ != node_name{peer_.cluster, peer_.node})
    return end(refusal::unnamed, who() + " has the certificate of " + to_uri(certified_));
  if (core_.slots.clashes(newcomer(), std::chrono::steady_clock::now()))
    return end(refusal::name_clash, sentence_of(verdict::clash, peer_.node));
  return true;
}

peer_slots::newcomer peer_session::newcomer() const {
  return {number_, peer_.node, peer_.instance, peer_.token};
}

asio::awaitable<bool> peer_session::decide() {
  stream_token held{};
  bool good = co_await wire_.read(held.data(), held.size());
  if (!good)
    co_return lost("introducing itself");
  const auto d = core_.slots.decide(newcomer(), held, std::chrono::steady_clock::now());
  berthed_ = d.says == verdict::go;
  if (const auto evicted = core_.find(d.evicted))
    evicted->close(who() + " has opened another stream");
  const char says = static_cast<char>(d.says);
  good = co_await wire_.write({&says, 1});
  if (!good)
    co_return lost("introducing ourselves");
  co_return berthed_ || end(to_refusal(d.says), sentence_of(d.says, peer_.node));
}

asio::awaitable<bool> peer_session::follow() {
  const auto held = core_.slots.held(peer_.node);
  bool good = co_await wire_.write({held.data(), held.size()});
  if (!good)
    co_return lost("introducing ourselves");
  char says = 0;
  good = co_await wire_.read(&says, 1);
  if (!good)
    co_return lost("waiting for its verdict");
  const auto v = to_verdict(says);
  if (!v)
    co_return end(refusal::wrong_preface, who() + " says a verdict that cannot be read");
  if (*v != verdict::go)
    co_return end(to_refusal(*v),
                  sentence_of(*v, *v == verdict::clash ? core_.settings.node : peer_.node));
  berthed_ = true;
  const auto evicted = core_.slots.take(newcomer(), std::chrono::steady_clock::now());
  if (const auto session = core_.find(evicted))
    session->close(who() + " has opened another stream");
  co_return true;
}

} // namespace argosy::net
