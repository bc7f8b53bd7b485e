#include "runtime/protocol/dialect.hpp"

namespace argosy {

std::size_t dialect_index(const dialect& d) noexcept {
  return &d == &json_dialect() ? 0 : 1;
}

const dialect& dialect_for(std::string_view subprotocol) noexcept {
  return subprotocol == capnp_dialect().subprotocol() ? capnp_dialect() : json_dialect();
}

} // namespace argosy
