// json_results: reads one line from a server of the JSON dialect. Internal to json_codec.
#pragma once

#include "clients/cpp/codec.hpp"

#include <string_view>

namespace argosy::client {

/// Hands the reply, push or ping in `line` to `sink`; false if the line is none.
[[nodiscard]] bool read_json_reply(std::string_view line, server_sink& sink);

} // namespace argosy::client
