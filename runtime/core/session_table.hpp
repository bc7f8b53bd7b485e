// session_table: the sessions of one user over devices and tabs, in the order they came.
//
// Few per user, so a vector. `Handle` is how a session is reached; the table never looks at it.
// Pure.
#pragma once

#include "runtime/core/client_info.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace argosy {

template <class Handle>
class session_table {
public:
  struct session {
    client_id client;
    Handle handle;
  };

  enum class opened { first, another, over_cap };

  /// `cap` 0 = none. The same client again replaces its handle.
  opened open(client_id client, Handle handle, std::size_t cap) {
    const auto found = find(client);
    if (found != sessions_.end()) {
      found->handle = std::move(handle);
      return opened::another;
    }
    if (cap > 0 && sessions_.size() >= cap)
      return opened::over_cap;
    sessions_.push_back({client, std::move(handle)});
    return sessions_.size() == 1 ? opened::first : opened::another;
  }

  /// True if that was the last one.
  bool close(client_id client) {
    const auto found = find(client);
    if (found == sessions_.end())
      return false;
    sessions_.erase(found);
    return sessions_.empty();
  }

  /// Closes those that `over(session)` picks.
  template <class Over>
  void close_if(Over&& over) {
    std::erase_if(sessions_, over);
  }

  const std::vector<session>& all() const noexcept { return sessions_; }
  bool empty() const noexcept { return sessions_.empty(); }

private:
  auto find(client_id client) {
    return std::find_if(sessions_.begin(), sessions_.end(),
                        [&](const session& s) { return s.client == client; });
  }

  std::vector<session> sessions_;
};

} // namespace argosy
