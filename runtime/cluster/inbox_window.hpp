// inbox_window: the receiving half of a link: are the batches in order, and when is credit due.
//
// Picture the gangway of the other ship: a clerk checks the numbers on the bags, and calls across
// every now and then how much has been stowed so far. He calls the sum since the boats began, not
// what is new, so a call that is lost or heard twice does no harm. Pure, 40 bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace argosy::cluster {

struct inbox_settings {
  std::size_t window_bytes = 8 << 20; ///< as the sender's
  std::size_t window_reserve_bytes = 256 << 10;
};

class inbox_window {
public:
  enum class verdict : std::uint8_t {
    fresh,     ///< handle it, then say `handled`
    duplicate, ///< was here before: ignore it
    gap,       ///< one is missing: cut the link, a new epoch begins
    old_epoch, ///< of a link that is over: ignore it
    new_epoch, ///< of a link that no handshake has opened here: ignore it, shake hands
    overrun,   ///< more than the window allows: the peer is broken or hostile, cut the link
  };

  explicit inbox_window(std::uint64_t link_epoch, const inbox_settings& settings = {})
      : settings_(settings), link_epoch_(link_epoch) {}

  /// A handshake has opened link epoch `link_epoch`: all counts begin anew.
  void restart(std::uint64_t link_epoch) noexcept { *this = inbox_window{link_epoch, settings_}; }

  /// A batch has arrived, `bytes` long without its header. Sequences count from 1.
  [[nodiscard]] verdict arrived(std::uint64_t link_epoch, std::uint64_t sequence,
                                std::size_t bytes) noexcept {
    if (link_epoch != link_epoch_)
      return link_epoch < link_epoch_ ? verdict::old_epoch : verdict::new_epoch;
    if (sequence <= last_sequence_)
      return verdict::duplicate;
    if (sequence != last_sequence_ + 1)
      return verdict::gap;
    if (received_ + bytes - credited_ > settings_.window_bytes + settings_.window_reserve_bytes)
      return verdict::overrun;
    last_sequence_ = sequence;
    received_ += bytes;
    return verdict::fresh;
  }

  /// `bytes` that have arrived take no memory here any more. Never more than have arrived.
  void handled(std::size_t bytes) noexcept {
    handled_ += bytes < received_ - handled_ ? bytes : received_ - handled_;
  }

  /// What to tell the sender, if it is time: after an eighth of the window, or, when the link is
  /// `idle`, whatever there is. The sum handled in this link epoch.
  [[nodiscard]] std::optional<std::uint64_t> take_credit(bool idle) noexcept {
    const auto news = handled_ - credited_;
    if (news == 0 || (!idle && news < settings_.window_bytes / 8))
      return std::nullopt;
    credited_ = handled_;
    return credited_;
  }

  std::uint64_t link_epoch() const noexcept { return link_epoch_; }
  std::uint64_t received() const noexcept { return received_; }
  std::uint64_t unhandled() const noexcept { return received_ - handled_; }

private:
  inbox_settings settings_;
  std::uint64_t link_epoch_;
  std::uint64_t last_sequence_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t handled_ = 0;
  std::uint64_t credited_ = 0;
};

} // namespace argosy::cluster
