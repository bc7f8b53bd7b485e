// load: a TOML file and the `--set` overrides become a node_config, or sentences that say why not.
//
// All problems are reported, not just the first, so that one run is enough to mend a file. Called
// by the composition root and by the command line tools; a program that gets problems exits with 2.
#pragma once

#include "runtime/config/node_config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace argosy::config {

struct loaded {
  node_config config;
  std::vector<std::string> problems; ///< each one sentence: file, key, value, remedy; empty = good
};

/// Reads `file` ("" = none, only defaults), then applies `overrides` in order.
///
/// An override is `key=value`: `http.port=0`, `channel.presence=true`,
/// `namespace.chat.history_size=10` (which makes the namespace if it is not there). The value may
/// be written as in TOML; strings also without quotes, lists also separated by commas.
loaded load(const std::string& file, const std::vector<std::string>& overrides);

/// As `load`, for a text; `file` is its name in sentences.
loaded parse(std::string_view text, std::string_view file,
             const std::vector<std::string>& overrides = {});

} // namespace argosy::config
