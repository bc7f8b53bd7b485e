// entropy: where names that nobody may guess or share come from: epochs of rooms, ids of clients.
#pragma once

#include <cstdint>
#include <random>

namespace argosy {

/// This thread's source of chance, seeded by the machine. A simulation, which must be able to run
/// again, seeds it by its own number first.
inline std::mt19937_64& entropy() {
  thread_local std::mt19937_64 generator{(std::uint64_t{std::random_device{}()} << 32)
                                         ^ std::random_device{}()};
  return generator;
}

} // namespace argosy
