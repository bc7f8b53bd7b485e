// child_process: starting this same program again with other arguments, and ending it again.
#pragma once

#include <chrono>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace argosy::bench {

/// A descriptor of ours and the number it has in the child.
using inherited_fd = std::pair<int, int>;

/// Runs `arguments[0]` with the given descriptors besides the standard ones. The child is killed
/// when this process ends, however that happens. Throws std::system_error.
pid_t spawn(const std::vector<std::string>& arguments, const std::vector<inherited_fd>& inherited);

/// The path of the running binary.
std::string own_binary();

/// Waits for the child; after `patience` kills it. True when it ended by itself with code 0.
bool reap(pid_t child, std::chrono::milliseconds patience);

} // namespace argosy::bench
