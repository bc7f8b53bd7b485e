#include "runtime/cluster/room_content.hpp"

#include <iterator>
#include <utility>

namespace argosy::cluster {

namespace {

/// What an item costs besides its text: pointers, numbers, an identity.
constexpr std::size_t item_bytes = 64;

std::size_t weight(const publication& p) noexcept {
  auto bytes = item_bytes + p.data.size() + p.idempotency_key.size();
  if (p.info != nullptr)
    bytes += item_bytes + p.info->user.size() + p.info->conn_info.size() + p.info->chan_info.size();
  for (const auto& [name, value] : p.tags)
    bytes += item_bytes + name.size() + value.size();
  return bytes;
}

std::size_t weight(const remembered_key& k) noexcept {
  return item_bytes + k.key.size();
}

/// Fills one box after the other.
class packer {
public:
  explicit packer(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  void add(room_content r) {
    auto tail = std::exchange(r.past.tail, {});
    auto keys = std::exchange(r.keys, {});
    begin(std::move(r));
    for (auto& p : tail) {
      make_room(weight(*p));
      boxes_.back().back().past.tail.push_back(std::move(p));
    }
    for (auto& k : keys) {
      make_room(weight(k));
      boxes_.back().back().keys.push_back(std::move(k));
    }
  }

  std::vector<room_contents> finish() && { return std::move(boxes_); }

private:
  void begin(room_content head) {
    const auto bytes = cluster::weight(head);
    if (filled_ + bytes > bytes_max_ && filled_ > 0)
      next_box();
    filled_ += bytes;
    boxes_.back().push_back(std::move(head));
  }

  void make_room(std::size_t bytes) {
    if (filled_ + bytes > bytes_max_ && filled_ > 0) {
      room_content rest;
      rest.room = boxes_.back().back().room;
      rest.past.position = boxes_.back().back().past.position;
      next_box();
      boxes_.back().push_back(std::move(rest));
    }
    filled_ += bytes;
  }

  void next_box() {
    boxes_.emplace_back();
    filled_ = 0;
  }

  std::size_t bytes_max_;
  std::size_t filled_ = 0;
  std::vector<room_contents> boxes_{1};
};

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

} // namespace

std::size_t weight(const room_content& r) noexcept {
  auto bytes = item_bytes + r.room.text().size() + item_bytes * r.past.ancestors.size();
  for (const auto& line : r.interest)
    bytes += item_bytes + line.node.name.size();
  for (const auto& p : r.past.tail)
    bytes += weight(*p);
  for (const auto& k : r.keys)
    bytes += weight(k);
  return bytes;
}

std::vector<room_contents> pack(room_contents rooms, std::size_t bytes_max) {
  packer boxes{bytes_max};
  for (auto& r : rooms)
    boxes.add(std::move(r));
  return std::move(boxes).finish();
}

void unpack(room_contents& into, room_contents box) {
  for (auto& r : box)
    if (!into.empty() && into.back().room == r.room) {
      append(into.back().past.tail, r.past.tail);
      append(into.back().keys, r.keys);
    } else {
      into.push_back(std::move(r));
    }
}

} // namespace argosy::cluster
