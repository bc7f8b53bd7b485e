@0xd26160b5aa4e0b42;
# consensus.capnp: what the voters of a cluster say to each other, so as to agree on views.
#
# One Rpc is one whole Cap'n Proto message in the standard stream framing, at most 1 MiB long, with
# at most 256 entries. Who sent it is not in here: the link knows, because it has checked his
# certificate. The fields are those of the Raft paper (Ongaro 2014, figures 3.1 and 5.3), but for
# two: by `round` the answer to a message of the leader says which one it answers, and so the leader
# knows how fresh the answer is; by `sinceLeaderMs` a new leader knows how fresh those of the last
# one can have been. Fields may be added at the end of a struct.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("argosy::wire::raft");

struct Rpc {
  union {
    requestVote @0 :RequestVote;
    requestVoteResult @1 :RequestVoteResult;
    appendEntries @2 :AppendEntries;
    appendEntriesResult @3 :AppendEntriesResult;
    installSnapshot @4 :InstallSnapshot;
    timeoutNow @5 :TimeoutNow;
  }
}

struct RequestVote {
  term @0 :UInt64;
  lastLogIndex @1 :UInt64;
  lastLogTerm @2 :UInt64;
  disruptLeader @3 :Bool;
  # The leader itself asked for this election.

  preVote @4 :Bool;
}

struct RequestVoteResult {
  term @0 :UInt64;
  # Of the request, where it is no higher than the voter's own.

  granted @1 :Bool;
  preVote @2 :Bool;
  voterTerm @3 :UInt64;
  # Which the voter is in: who asks again must ask for a later one.

  sinceLeaderMs @4 :UInt64;
  # How long ago the voter last took a message of a leader: what a lease of that one may still be
  # worth (predecessor_clock). 0 says the most.
}

struct Entry {
  term @0 :UInt64;
  kind @1 :EntryKind;
  data @2 :Data;
}

enum EntryKind {
  command @0;
  barrier @1;
  # Carries nothing: a new leader's first entry, by which it commits those of its predecessors.

  configuration @2;
  # The list of voters, as the first entry of every log has it.
}

struct AppendEntries {
  term @0 :UInt64;
  prevLogIndex @1 :UInt64;
  prevLogTerm @2 :UInt64;
  leaderCommit @3 :UInt64;
  entries @4 :List(Entry);
  round @5 :UInt64;
  # Grows with each round of messages that the leader sends; 0 is none.
}

struct AppendEntriesResult {
  # Answers InstallSnapshot, too.

  term @0 :UInt64;
  rejected @1 :UInt64;
  # The index that did not fit; 0 if all went well.

  lastLogIndex @2 :UInt64;
  round @3 :UInt64;
  roundTerm @4 :UInt64;
  # Round and term of the message that this answers.
}

struct InstallSnapshot {
  term @0 :UInt64;
  lastIndex @1 :UInt64;
  lastTerm @2 :UInt64;
  configuration @3 :Data;
  configurationIndex @4 :UInt64;
  data @5 :Data;
  round @6 :UInt64;
}

struct TimeoutNow {
  term @0 :UInt64;
  lastLogIndex @1 :UInt64;
  lastLogTerm @2 :UInt64;
}
