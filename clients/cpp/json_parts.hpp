// json_parts: reads what the results and pushes of the JSON dialect are made of. Internal to
// json_results; the rules are those of json_members.
#pragma once

#include "runtime/core/publication.hpp"
#include "runtime/json/json_members.hpp"

#include <cstdint>
#include <string>

namespace argosy::client::json_parts {

namespace ondemand = simdjson::ondemand;
using json_members::each_member;
using json_members::is_null;
using json_members::read;
using json_members::read_raw;
using json_members::skip;
using json_members::text_of;

bool read(ondemand::value value, std::string& out);
bool read(ondemand::value value, std::uint32_t& out);
bool read(ondemand::value value, client_id& out);
bool read(ondemand::value value, client_info_ptr& out);
bool read(ondemand::value value, publication_ptr& out);
bool read(ondemand::value value, publications& out);

/// The text of any JSON value; false if there is none.
bool read_raw(ondemand::value value, std::string& out);

} // namespace argosy::client::json_parts
