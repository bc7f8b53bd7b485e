#include "net/cluster/probe_seal.hpp"

#include "runtime/cluster/member.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <string>

namespace argosy::net {

namespace {

constexpr std::string_view magic{"argp\1", 5};
constexpr char kind_probe = 1;
constexpr char kind_answer = 2;

void put(char* at, std::uint64_t n) {
  for (int i = 0; i < 8; ++i)
    at[i] = static_cast<char>(n >> (8 * i));
}

std::uint64_t number_at(const char* at) {
  std::uint64_t n = 0;
  for (int i = 0; i < 8; ++i)
    n |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
  return n;
}

std::array<unsigned char, 32> hmac(const void* key, std::size_t key_bytes, std::string_view text) {
  std::array<unsigned char, 32> out{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key, static_cast<int>(key_bytes),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &length);
  return out;
}

} // namespace

probe_seal::probe_seal(std::string_view secret, std::string_view cluster)
    : key_(hmac(secret.data(), secret.size(), "argosy probe 1 " + std::string{cluster})) {
}

probe_seal::digest probe_seal::mac_of(std::string_view bytes) const {
  return hmac(key_.data(), key_.size(), bytes);
}

std::size_t probe_seal::write(const probe_words& what, std::span<char, probe_bytes_max> out) const {
  auto* at = out.data();
  at = std::copy(magic.begin(), magic.end(), at);
  *at++ = what.answer ? kind_answer : kind_probe;
  *at++ = static_cast<char>(what.from.size());
  *at++ = static_cast<char>(what.to.size());
  for (const auto n : {what.from_incarnation, what.to_incarnation, what.sequence, what.number}) {
    put(at, n);
    at += 8;
  }
  at = std::copy(what.from.begin(), what.from.end(), at);
  at = std::copy(what.to.begin(), what.to.end(), at);
  const auto said = static_cast<std::size_t>(at - out.data());
  const auto mac = mac_of({out.data(), said});
  std::copy_n(mac.begin(), probe_mac_bytes, at);
  return said + probe_mac_bytes;
}

probe_flaw probe_seal::read(std::string_view datagram, probe_words& out) const {
  if (datagram.size() < probe_head_bytes + probe_mac_bytes || datagram.size() > probe_bytes_max
      || !datagram.starts_with(magic) || (datagram[5] != kind_probe && datagram[5] != kind_answer))
    return probe_flaw::malformed;
  const std::size_t from_bytes = static_cast<unsigned char>(datagram[6]);
  const std::size_t to_bytes = static_cast<unsigned char>(datagram[7]);
  if (datagram.size() != probe_head_bytes + from_bytes + to_bytes + probe_mac_bytes)
    return probe_flaw::malformed;
  out = {datagram.substr(probe_head_bytes, from_bytes),
         number_at(datagram.data() + 8),
         datagram.substr(probe_head_bytes + from_bytes, to_bytes),
         number_at(datagram.data() + 16),
         datagram[5] == kind_answer,
         number_at(datagram.data() + 24),
         number_at(datagram.data() + 32)};
  if (!cluster::valid_member_name(out.from) || !cluster::valid_member_name(out.to))
    return probe_flaw::malformed;
  const auto said = datagram.size() - probe_mac_bytes;
  const auto mac = mac_of(datagram.substr(0, said));
  return CRYPTO_memcmp(mac.data(), datagram.data() + said, probe_mac_bytes) == 0
             ? probe_flaw::none
             : probe_flaw::forged;
}

} // namespace argosy::net
