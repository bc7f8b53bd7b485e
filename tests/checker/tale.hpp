// tale: a history written by hand, for the tests of the judge. Each step is a millisecond.
#pragma once

#include "tests/checker/judge.hpp"

#include <string>
#include <utility>

namespace argosy::checker {

class tale {
public:
  std::string room = "acme/lobby";
  std::string connection = "c1";

  /// `publisher` sends number `n`.
  tale& send(const std::string& publisher, std::uint64_t n, std::uint32_t attempt = 1) {
    const message_id id{publisher, n};
    return add(attempted{tick(), id, room, id.text(), connection, attempt});
  }
  tale& ack(const std::string& publisher, std::uint64_t n, position at, std::uint32_t attempt = 1) {
    return add(answered{tick(), {publisher, n}, attempt, result::ok, std::move(at)});
  }
  tale& fail(const std::string& publisher, std::uint64_t n, result how, std::uint32_t attempt = 1) {
    return add(answered{tick(), {publisher, n}, attempt, how, {}});
  }
  /// Sent and acknowledged at once.
  tale& publish(const std::string& publisher, std::uint64_t n, position at) {
    return send(publisher, n).ack(publisher, n, std::move(at));
  }
  tale& subscribe(const std::string& session, position at) {
    return add(subscribed{tick(), session, room, false, false, {}, std::move(at)});
  }
  tale& recover(const std::string& session, position since, bool recovered, position at) {
    return add(subscribed{tick(), session, room, true, recovered, std::move(since), std::move(at)});
  }
  tale& leave(const std::string& session, std::uint32_t code) {
    return add(unsubscribed{tick(), session, room, code});
  }
  tale& deliver(const std::string& session, std::uint64_t offset, const std::string& payload) {
    return add(delivered{tick(), session, room, {"", offset}, payload});
  }
  tale& gap(const std::string& session, std::uint64_t from, std::uint64_t to) {
    return add(gap_announced{tick(), session, room, from, to, "slow"});
  }
  tale& fault(const std::string& what) { return add(fault_injected{tick(), what, {}}); }
  tale& end(position top, std::vector<std::pair<std::uint64_t, std::string>> items,
            const std::string& reader = "a") {
    return add(final_read{tick(), reader, room, std::move(top), std::move(items)});
  }
  tale& at(std::int64_t ms) {
    now_ = moment{ms};
    return *this;
  }

  verdict judged(const demands& of = {}) const { return judge(told, of); }

  chronicle told;

private:
  moment tick() { return ++now_; }
  tale& add(record r) {
    told.push_back(std::move(r));
    return *this;
  }
  moment now_{};
};

} // namespace argosy::checker
