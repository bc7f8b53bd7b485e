// simulated_disk: files in memory, of which a power cut leaves what a real disk might.
//
// Bytes that were not synced come back whole, not at all, or cut off with the rest zeroed; renames
// and new names that were not synced have happened up to some point. Calls can be cut off after any
// number of them, the last one half done.
#pragma once

#include "runtime/consensus/disk.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace argosy::consensus::test {

class simulated_disk final : public disk {
public:
  contents read(const std::string& name) override {
    const auto found = names_.find(name);
    return found == names_.end() ? contents{} : contents{found->second->live, {}};
  }

  std::string write(const std::string& name, std::string_view bytes) override {
    const auto part = begin(bytes.size());
    if (!names_.contains(name)) {
      names_[name] = std::make_shared<file>();
      history_.push_back(names_);
    }
    names_[name]->live = bytes.substr(0, part);
    return end();
  }

  std::string append(const std::string& name, std::string_view bytes) override {
    const auto part = begin(bytes.size());
    names_.at(name)->live.append(bytes.substr(0, part));
    return end();
  }

  std::string cut(const std::string& name, std::uint64_t size) override {
    if (begin(1) > 0)
      names_.at(name)->live.resize(size);
    return end();
  }

  std::string sync(const std::string& name) override {
    if (begin(1) > 0)
      names_.at(name)->synced = names_.at(name)->live;
    return end();
  }

  std::string rename(const std::string& from, const std::string& to) override {
    if (begin(1) > 0) {
      names_[to] = names_.at(from);
      names_.erase(from);
      history_.push_back(names_);
    }
    return end();
  }

  std::string sync_directory() override {
    if (begin(1) > 0)
      history_ = {names_};
    return end();
  }

  std::string path(const std::string& name) const override { return "disk/" + name; }

  /// The power goes off in the call after that many more.
  void cut_power_after(std::uint64_t calls) { last_call_ = calls_ + calls; }
  std::uint64_t calls() const noexcept { return calls_; }

  void restart(std::uint64_t seed) {
    dice_.seed(seed);
    names_ = history_[dice_() % history_.size()];
    for (auto& [name, content] : names_)
      content->live = content->synced = survivor(*content);
    history_ = {names_};
    last_call_ = std::numeric_limits<std::uint64_t>::max();
  }

  // For damage done by hand.
  std::string& bytes(const std::string& name) { return names_.at(name)->live; }
  void remove(const std::string& name) { names_.erase(name); }
  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& [name, content] : names_)
      out.push_back(name);
    return out;
  }
  simulated_disk copy() const {
    simulated_disk out;
    for (const auto& [name, from] : names_)
      out.names_[name] = std::make_shared<file>(*from);
    out.history_ = {out.names_};
    return out;
  }

private:
  struct file {
    std::string live;
    std::string synced;
  };
  using directory = std::map<std::string, std::shared_ptr<file>>;

  /// How much of it gets done: all, or a part of the call in which the power goes off.
  std::size_t begin(std::size_t whole) {
    ++calls_;
    if (calls_ <= last_call_)
      return whole;
    return calls_ == last_call_ + 1 ? dice_() % (whole + 1) : 0;
  }

  std::string end() const { return calls_ > last_call_ ? "the power is off" : ""; }

  std::string survivor(const file& f) {
    std::string torn = f.live;
    const auto cut = dice_() % (torn.size() + 1);
    switch (dice_() % 4) {
    case 0:
      return f.synced;
    case 1:
      return f.live;
    case 2:
      torn.resize(cut);
      break;
    case 3:
      std::fill(torn.begin() + static_cast<std::ptrdiff_t>(cut), torn.end(), '\0');
      break;
    }
    // What was synced and not written since stays.
    if (f.live.starts_with(f.synced))
      torn.replace(0, std::min(torn.size(), f.synced.size()), f.synced);
    return f.live == f.synced ? f.synced : torn;
  }

  directory names_;
  std::vector<directory> history_{directory{}}; ///< since the directory was synced
  std::uint64_t calls_ = 0;
  std::uint64_t last_call_ = std::numeric_limits<std::uint64_t>::max();
  std::mt19937_64 dice_{1};
};

} // namespace argosy::consensus::test
