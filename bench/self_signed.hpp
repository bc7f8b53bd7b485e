// self_signed: a throw-away certificate for `argosy bench --self tls`.
#pragma once

#include <string>

namespace argosy::bench {

/// Writes a P-256 key and a certificate for localhost, valid one day, as PEM. Throws
/// std::runtime_error.
void write_self_signed(const std::string& cert_file, const std::string& key_file);

} // namespace argosy::bench
