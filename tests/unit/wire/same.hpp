// same: whether two messages say the same, field by field, whatever fields they have.
//
// The structs of runtime/messages have no operator== of their own, and one written here would
// forget the field that is added next year. So this walks the fields by reflection. Handles are
// equal to any: they do not cross a link.
#pragma once

#include "runtime/node_message.hpp"

#include <boost/pfr.hpp>

#include <memory>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace argosy::testing {

template <class T>
bool same(const T& a, const T& b);

inline bool same(const reply_to&, const reply_to&) {
  return true;
}
inline bool same(const interested_party& a, const interested_party& b) {
  return a.version == b.version;
}

template <class T>
bool same(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
  return (a == nullptr) == (b == nullptr) && (a == nullptr || same(*a, *b));
}

template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same(a[i], b[i]))
      return false;
  return true;
}

template <class... Ts>
bool same(const std::variant<Ts...>& a, const std::variant<Ts...>& b) {
  return a.index() == b.index()
         && std::visit(
             [&](const auto& left) {
               return same(left, std::get<std::decay_t<decltype(left)>>(b));
             },
             a);
}

template <class T>
bool same(const T& a, const T& b) {
  if constexpr (requires { a == b; })
    return a == b;
  else
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (same(boost::pfr::get<I>(a), boost::pfr::get<I>(b)) && ...);
    }
  (std::make_index_sequence<boost::pfr::tuple_size_v<T>>{});
}

} // namespace argosy::testing
