// deflate: the compressed twin of an outbound message, made once for all who receive it.
//
// RFC 7692 without context takeover: each message stands alone, so one encoding is valid for every
// connection that negotiated permessage-deflate with the full 32 KiB window.
#pragma once

#include <string>
#include <string_view>

namespace argosy {

/// The payload of a compressed frame (RFC 7692 section 7.2.1): raw deflate, sync flush, the
/// 00 00 FF FF tail stripped. Thread safe; each thread keeps one compressor (256 KiB) for good.
std::string deflate_message(std::string_view payload);

} // namespace argosy
