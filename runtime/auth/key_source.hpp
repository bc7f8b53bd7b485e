// key_source: the keys that the configuration names, put together from their four places.
//
// The secret and the PEM files are read once; the JWKS file whenever it changes; the document of
// the JWKS URL is handed in by whoever fetched it. A bad new document changes nothing: the last
// good keys stay. No threads; called by the key keeper and by the command line tools.
#pragma once

#include "runtime/auth/key_set.hpp"
#include "runtime/auth/outcome.hpp"
#include "runtime/config/node_config.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace argosy::auth {

class key_source {
public:
  /// Reads all but the URL. A refusal's sentence names the configuration key, its value and the
  /// remedy.
  static outcome<key_source> open(const auth_config& config);

  /// Looks at the JWKS file: false if it is what it was at the last look (or there is none), true
  /// if it was read anew. A file that is missing or broken is complained of once.
  outcome<bool> poll_file();

  /// Replaces the keys that came from the URL. Returns how many there are.
  outcome<std::size_t> take_document(std::string document);

  /// The present keys, all places together.
  std::shared_ptr<const key_set> keys() const { return keys_; }

private:
  /// What tells two versions of a file apart: time in ns, size, inode.
  struct stamp {
    std::int64_t time_ns = -1;
    std::int64_t size = -1;
    std::uint64_t inode = 0;
    friend bool operator==(const stamp&, const stamp&) = default;
  };

  static stamp stamp_of(const std::string& file);
  outcome<std::shared_ptr<const key_set>> put_together(const std::string& file_document,
                                                       const std::string& url_document) const;

  std::vector<key> fixed_;
  std::string jwks_file_;
  std::optional<stamp> seen_; ///< nothing = never looked
  std::string file_document_;
  std::string url_document_;
  std::shared_ptr<const key_set> keys_ = std::make_shared<const key_set>();
};

} // namespace argosy::auth
