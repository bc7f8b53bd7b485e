#include "runtime/auth/key_source.hpp"

#include <fstream>
#include <optional>
#include <sstream>
#include <sys/stat.h>

namespace argosy::auth {

namespace {

std::optional<std::string> read_file(const std::string& name) {
  std::ifstream in{name, std::ios::binary};
  std::ostringstream out;
  if (!in || !(out << in.rdbuf()))
    return std::nullopt;
  return std::move(out).str();
}

refusal bad_config(std::string_view config_key, std::string_view value, std::string_view problem) {
  std::string sentence{"`"};
  sentence.append(config_key)
      .append("` names \"")
      .append(value)
      .append("\", which ")
      .append(problem);
  return {errc::invalid_token, std::move(sentence)};
}

} // namespace

outcome<key_source> key_source::open(const auth_config& config) {
  key_source out;
  if (!config.hmac_secret.empty())
    out.fixed_.push_back(*key::from_secret(config.hmac_secret));
  for (const auto& name : config.public_key_files) {
    const auto pem = read_file(name);
    if (!pem)
      return bad_config("auth.public_key_files", name,
                        "cannot be read; check its name and permissions.");
    auto k = key::from_public_pem(*pem);
    if (!k)
      return bad_config("auth.public_key_files", name,
                        "is " + k.why().sentence
                            + "; make one with `openssl pkey -in PRIVATE -pubout`.");
    out.fixed_.push_back(std::move(*k));
  }
  out.jwks_file_ = config.jwks_file;
  if (auto made = out.put_together({}, {}))
    out.keys_ = std::move(*made);
  if (const auto read = out.poll_file(); !read)
    return bad_config("auth.jwks_file", config.jwks_file, read.why().sentence + '.');
  return out;
}

outcome<bool> key_source::poll_file() {
  if (jwks_file_.empty())
    return false;
  const auto now = stamp_of(jwks_file_);
  if (seen_ == now)
    return false;
  seen_ = now;
  auto document = read_file(jwks_file_);
  if (!document)
    return refusal{errc::not_available, "cannot be read; check its name and permissions"};
  auto made = put_together(*document, url_document_);
  if (!made)
    return refusal{errc::not_available, "is " + made.why().sentence};
  file_document_ = std::move(*document);
  keys_ = std::move(*made);
  return true;
}

outcome<std::size_t> key_source::take_document(std::string document) {
  key_set alone;
  const auto count = alone.add_jwks(document);
  if (!count)
    return count.why();
  auto made = put_together(file_document_, document);
  if (!made)
    return made.why();
  url_document_ = std::move(document);
  keys_ = std::move(*made);
  return *count;
}

key_source::stamp key_source::stamp_of(const std::string& file) {
  struct stat s {};
  if (::stat(file.c_str(), &s) != 0)
    return {};
  return {s.st_mtim.tv_sec * 1'000'000'000 + s.st_mtim.tv_nsec, s.st_size, s.st_ino};
}

outcome<std::shared_ptr<const key_set>>
key_source::put_together(const std::string& file_document, const std::string& url_document) const {
  auto set = std::make_shared<key_set>();
  for (const auto& k : fixed_)
    if (!set->add(k))
      return refusal{errc::limit_exceeded, "more than 64 keys"};
  for (const auto* document : {&file_document, &url_document}) {
    if (document->empty())
      continue;
    if (const auto added = set->add_jwks(*document); !added)
      return added.why();
  }
  return std::shared_ptr<const key_set>{std::move(set)};
}

} // namespace argosy::auth
