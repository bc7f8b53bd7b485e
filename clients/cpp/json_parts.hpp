// json_parts: reads what the results and pushes of the JSON dialect are made of. Internal to
// json_results; the rules are those of json_members.
#pragma once

#include "runtime/core/publication.hpp"
#include "runtime/protocol/json_members.hpp"

#include <cstdint>
#include <string>

namespace argosy::client::json_parts {

using namespace json_members;
using json_members::read;
using json_members::read_raw;

bool read(ondemand::value value, std::string& out);
bool read(ondemand::value value, std::uint32_t& out);
bool read(ondemand::value value, client_id& out);
bool read(ondemand::value value, client_info_ptr& out);
bool read(ondemand::value value, publication_ptr& out);
bool read(ondemand::value value, publications& out);

/// The text of any JSON value; false if there is none.
bool read_raw(ondemand::value value, std::string& out);

} // namespace argosy::client::json_parts
