// incarnation: the number of this life of the node, higher than that of every life before it.
//
// The time of the start, in microseconds, or one more than the last life's where the clock has gone
// back: what others have heard of an earlier life must never pass for this one.
#pragma once

#include "runtime/consensus/disk.hpp"

#include <cstdint>
#include <string>

namespace argosy {

struct incarnation {
  std::uint64_t number = 0;
  std::string problem; ///< or one sentence
};

/// Is written down before it is returned.
incarnation next_incarnation(consensus::disk& on);

} // namespace argosy
