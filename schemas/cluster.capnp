@0xe5d2505bed069945;
# cluster.capnp: what the nodes of a cluster say to each other, protocol version 1.
#
# This file is the protocol reference. Two nodes share one link, whose transport has authenticated
# both. What crosses it, in either direction, are batches: each is exactly one Cap'n Proto message
# in the standard stream framing (segment table, then the segments), unpacked, with a Batch as its
# root. An envelope is such a message, too, with an Envelope as its root, and lies in its batch as
# plain bytes: a node encodes it once and puts it into the batches of as many links as it goes to,
# and one that cannot be read spoils no other.
#
# A conversation
# --------------
#   both    linkHello                           must be first; linkRefused and a close, or:
#   a       publishRoom{question 7, to acme/room/lobby}
#   b       roomPublished{answers 7}            in its turn; batches of both sides carry credit
#   b       fanPublication{to acme/room/lobby}  one per interested node and publication
#
# Rules
# -----
# - `viewNo` is the newest view that the sender knew. Who is behind asks with viewWanted.
# - Identity is (name, incarnation). Who said something is known by the link it came over; a message
#   names only others, or the sender's own incarnation.
# - Handles never cross. A question carries a number that its sender chose (`question`), the answer
#   returns it (`answers`).
# - Clocks never cross: an age does, and the receiver subtracts it from its own clock.
# - Data is any bytes, and arrives as it was published. Text is UTF-8 by convention; a node trusts
#   its peers with that and carries it as bytes, too.
# - A null pointer means "nothing said": an empty text, no data, an empty list.
# - Fields, union members and enumerants may be added at the end, never changed. What would be
#   misread by an older node raises the protocol version of linkHello.
#
# What is refused
# ---------------
# A batch of more than 8 MiB or 65,536 envelopes, or one that breaks its layout, ends the link.
# Of an envelope nothing is used, and it is counted by reason, but the rest of its batch is:
#   layout     not one whole message, more than 64 segments, pointers out of bounds, nested deeper
#              than 16, or together pointing at more than twice the message
#   too_large  more than 4 MiB, or a list of more than 65,536 items
#   unknown    a union member of a later version
#   value      an enumerant or number out of range, a node name that is none, a view that
#              contradicts itself, an address that does not parse, has a tenant of more than 64
#              bytes or a key of more than 1 KiB, stands where none belongs or is missing where one
#              does, or a part missing without which the message says nothing

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("argosy::wire::node");

# -- the two layers of a link ---------------------------------------------------------------------

struct Batch {
  linkEpoch @0 :UInt64;
  # Of the handshake that opened the link: what is under way from an earlier one is ignored.

  sequence @1 :UInt64;
  # Counts from 1 in each epoch.

  handledBytes @2 :UInt64;
  # The sum of the bytes of envelopes that the sender of this batch has handled in this epoch: the
  # credit of the other side. A sum, so that hearing it twice does no harm.

  handledSequence @3 :UInt64;
  # The last batch of the other side that it has handled.

  envelopes @4 :List(Data);
}

struct Envelope {
  viewNo @0 :UInt64;

  to @1 :Text;
  # `tenant/kind/key`; null unless the message goes to an address. `describe` goes with or without.

  question @2 :UInt32;
  # Chosen by the sender for the answer; 0 = none wanted.

  answers @3 :UInt32;
  # Of an answer: the number of its question. Else 0.

  union {
    # To an address: the room, the user or the presence tracker of that name.
    publishRoom @4 :PublishRoom;
    readHistory @5 :ReadHistory;
    clearHistory @6 :ClearHistory;
    memberJoined @7 :ClientInfo;
    memberLeft @8 :ClientInfo;
    declareInterest @9 :Interest;
    retractInterest @10 :Interest;
    publishUser @11 :PublishUser;
    commandSessions @12 :CommandSessions;
    openSession @13 :OpenSession;
    sessionClosed @14 :ClientId;
    presenceDelta @15 :PresenceDelta;
    listPresence @16 :ListPresence;
    describe @17 :Describe;

    # Answers, to no address.
    roomPublished @18 :RoomPublished;
    historyRead @19 :HistoryRead;
    historyCleared @20 :HistoryCleared;
    sessionOpened @21 :SessionOpened;
    sessionsCommanded @22 :SessionsCommanded;
    presenceListed @23 :PresenceListed;
    membersCounted @24 :MembersCounted;
    description @25 :Description;

    # From a room to its replica, by the room's address.
    interestGranted @26 :InterestGranted;
    fanPublication @27 :Publication;
    fanMembership @28 :FanMembership;
    fanCleared @29 :FanCleared;

    # From node to node, to no address.
    linkHello @30 :LinkHello;
    linkRefused @31 :LinkRefused;
    raftRpc @32 :Data;
    # One Rpc of consensus.capnp.

    joinCluster @33 :Member;
    joinRefused @34 :JoinRefused;
    leaveCluster @35 :NodeIdentity;
    holdsNothing @36 :HoldsNothing;
    viewDecided @37 :View;
    viewWanted @38 :ViewWanted;
    leaseWanted @39 :LeaseWanted;
    leaseGranted @40 :LeaseGranted;
    accusation @41 :Accusation;
    deathProof @42 :NodeIdentity;
    probe @43 :Probe;
    probeAnswered @44 :Probe;
    probeForMe @45 :TargetProbe;
    targetHeard @46 :TargetProbe;
    bounced @47 :Bounced;
    viewBarrier @48 :Barrier;
    barrierPassed @49 :Barrier;
    forSessions @50 :ForSessions;
    countMembers @51 :CountMembers;

    # To the presence tracker of that address; but presenceWanted goes from a tracker to a node.
    presenceSnapshot @52 :PresenceSnapshot;
    presenceBeat @53 :PresenceBeat;
    presenceLeftOver @54 :PresenceLeftOver;
    presenceWanted @55 :PresenceWanted;

    # From admin to admin, to no address; the answer is nodeTold.
    inquireNode @56 :InquireNode;
    nodeTold @57 :NodeTold;

    # From node to node, to no address: a shard goes to its next owner.
    shardWanted @58 :ShardWanted;
    shardPart @59 :ShardPart;
    shardRefused @60 :ShardRefused;
    shardReceived @61 :ShardReceived;
    shardsActive @62 :ShardsActive;

    # From a room to its replica, by the room's address, some seconds after its last publication.
    roomHead @63 :Position;

    # From a room to its replica, by the room's address: its actor has died, ask for its successor.
    interestLost @64 :Void;

    # From a room to its replica, by the room's address, in a relayFan or relayedFan only.
    relayedPublication @65 :RelayedPublication;

    # From node to node, to no address: a publication that goes by way of another node.
    relayFan @66 :RelayFan;
    relayedFan @67 :RelayedFan;
  }
}

# -- parts ----------------------------------------------------------------------------------------

struct Position {
  epoch @0 :Text;
  offset @1 :UInt64;
}

struct ClientId {
  # A version 4 UUID as two big-endian halves.
  high @0 :UInt64;
  low @1 :UInt64;
}

struct ClientInfo {
  client @0 :ClientId;
  user @1 :Text;
  connInfo @2 :Data;
  chanInfo @3 :Data;
}

struct Tag {
  name @0 :Text;
  value @1 :Text;
}

struct Publication {
  offset @0 :UInt64;
  data @1 :Data;
  info @2 :ClientInfo;
  # The publisher; null for the server API.

  tags @3 :List(Tag);
  timeMs @4 :Int64;
  # The owner's wall clock, for people: Unix milliseconds.

  conflationKey @5 :UInt64;
  ageUs @6 :Int64 = -1;
  # Since its room accepted it, when this envelope was written; -1 = not known.

  idempotencyKey @7 :Text;
}

enum ErrorCode {
  none @0;
  internal @1;
  unauthorized @2;
  unknownChannel @3;
  permissionDenied @4;
  methodNotFound @5;
  alreadySubscribed @6;
  limitExceeded @7;
  badRequest @8;
  unknownClass @9;
  notAvailable @10;
  tokenExpired @11;
  expired @12;
  tooManyRequests @13;
  unrecoverablePosition @14;
  retryLater @15;
  closedNormal @16;
  shutdown @17;
  connectionExpired @18;
  subscriptionExpired @19;
  slowConsumer @20;
  writeError @21;
  insufficientState @22;
  forceReconnect @23;
  noPong @24;
  closedTooManyRequests @25;
  invalidToken @26;
  closedBadRequest @27;
  stale @28;
  forceNoReconnect @29;
  connectionLimit @30;
  channelLimit @31;
  closedPermissionDenied @32;
  closedNotAvailable @33;
  tooManyErrors @34;
}

# -- rooms ----------------------------------------------------------------------------------------

struct PublishRoom {
  data @0 :Data;
  publisher @1 :ClientInfo;
  tags @2 :List(Tag);
  idempotencyKey @3 :Text;
  conflationKey @4 :UInt64;
  # Not 0: the newest of the key is enough for who lags.

  skipHistory @5 :Bool;
}

struct RoomPublished {
  error @0 :ErrorCode;
  position @1 :Position;
  # Null where the room keeps no history.
}

struct ReadHistory {
  limit @0 :UInt64;
  since @1 :Position;
  # Null = from the beginning of what is kept, or from the end if `reverse`.

  reverse @2 :Bool;
}

struct HistoryRead {
  error @0 :ErrorCode;
  items @1 :List(Publication);
  position @2 :Position;
}

struct ClearHistory {}
struct HistoryCleared {
  error @0 :ErrorCode;
}

struct Interest {
  version @0 :UInt64;
  # Of the sending node's interest in the room; a later one outdates it.

  known @1 :Position;
  # Where its replica stands; null if nowhere.
}

struct InterestGranted {
  position @0 :Position;
  tail @1 :List(Publication);
  # Oldest first, ending at the position; only what came after `known`, if that can be told.

  ancestors @2 :List(Position);
  # The epochs that this one goes on from, oldest first, each with its last offset; at most 8.
}

struct FanMembership {
  info @0 :ClientInfo;
  joined @1 :Bool;
}

struct FanCleared {
  position @0 :Position;
  # Up to which; null = all that was said before.
}

struct RelayedPublication {
  epoch @0 :Text;
  publication @1 :Publication;
}

struct RelayFan {
  # From the owner of a room that many nodes are interested in.
  share @0 :List(NodeIdentity);
  # The nodes that the receiver passes it on to.

  envelope @1 :Data;
  # With a relayedPublication, for the room's replicas there and here.
}

struct RelayedFan {
  # From who has received a relayFan.
  owner @0 :NodeIdentity;
  # Who has sent that.

  envelope @1 :Data;
}

struct CountMembers {
  tenant @0 :Text;
  pattern @1 :Text;
  # May hold `*`; null = all.
}

struct MembersCounted {
  rooms @0 :List(Room);
  error @1 :ErrorCode;

  struct Room {
    channel @0 :Text;
    members @1 :UInt32;
  }
}

# -- users ----------------------------------------------------------------------------------------

struct PublishUser {
  data @0 :Data;
  publisher @1 :ClientInfo;
  tags @2 :List(Tag);
}

enum SessionVerb {
  disconnect @0;
  subscribe @1;
  unsubscribe @2;
  refresh @3;
}

struct CommandSessions {
  client @0 :Text;
  # Null = all of the user's.

  verb @1 :SessionVerb;
  channel @2 :Text;
  code @3 :UInt32;
  reason @4 :Text;
  expiresAt @5 :Int64;
  # Unix seconds, 0 = never.
}

struct SessionsCommanded {
  sessions @0 :UInt32;
  error @1 :ErrorCode;
}

struct OpenSession {
  client @0 :ClientId;
  sessionsMax @1 :UInt32;
  # 0 = no cap.
}

struct SessionOpened {
  error @0 :ErrorCode;
  first @1 :Bool;
}

struct ForSessions {
  # From a user's owner to the gateway that holds these of the user's connections.
  clients @0 :List(ClientId);

  union {
    deliver @1 :Publication;
    end @2 :EndSession;
    subscribe @3 :SubscribeSession;
    unsubscribe @4 :UnsubscribeSession;
    refresh @5 :RefreshSession;
  }

  struct EndSession {
    code @0 :UInt32;
    reason @1 :Text;
  }
  struct SubscribeSession {
    channel @0 :Text;
  }
  struct UnsubscribeSession {
    channel @0 :Text;
    code @1 :UInt32;
  }
  struct RefreshSession {
    expiresAt @0 :Int64;
  }
}

# -- presence -------------------------------------------------------------------------------------

struct PresenceDelta {
  changes @0 :List(PresenceChange);
  # In the order in which they happened.

  previous @1 :UInt64;
  # The number of the letter to this tracker that this one builds on; 0 = the node had no entry
  # here. A tracker that has another number asks for a snapshot.

  sequence @2 :UInt64;
  # This letter's number; grows over all that the node says to any tracker.
}

struct PresenceChange {
  room @0 :Text;
  info @1 :ClientInfo;
  present @2 :Bool;
  absence @3 :Absence;
  # Of one that is not present.

  unlisted @4 :Bool;
  # Does not count and stands in no list: it is here for its join and leave alone.

  announced @5 :Bool;
  # The room hears of its coming and going.

  enum Absence {
    left @0;
    # On purpose.

    lost @1;
    # The connection is gone; the person may come back, here or at another node.

    interrupted @2;
    # The connection is there and will subscribe again.
  }
}

struct PresenceSnapshot {
  # A page of all that the node has at this tracker. Together they replace what it knew.
  sequence @0 :UInt64;
  # Of the last letter before it.

  page @1 :UInt32;
  # Counts from 0.

  last @2 :Bool;
  entries @3 :List(PresenceChange);
}

struct PresenceBeat {
  # Every few seconds: what the tracker should know.
  sequence @0 :UInt64;
  count @1 :UInt64;
  hash @2 :UInt64;
  # The sum of the hashes of all entries.
}

struct PresenceLeftOver {
  # From a tracker whose shard has moved to its successor.
  lingering @0 :List(PresenceChange);
}

struct PresenceWanted {
  tracker @0 :Text;
}

struct ListPresence {
  room @0 :Text;
  countOnly @1 :Bool;
}

struct PresenceListed {
  error @0 :ErrorCode;
  countOnly @1 :Bool;
  clients @2 :List(ClientInfo);
  numClients @3 :UInt32;
  numUsers @4 :UInt32;
}

# -- looking inside -------------------------------------------------------------------------------

struct Describe {}
# Without an address: the node itself, by what its membership says.

struct Description {
  kind @0 :Text;
  name @1 :Text;
  facts @2 :List(Fact);

  struct Fact {
    key @0 :Text;
    value @1 :Text;
  }
}

struct InquireNode {
  # About what the node holds itself; it wakes nobody.
  about @0 :Topic;
  subject @1 :Text;
  limit @2 :UInt32;
  # 0 = the node's own bound.

  enum Topic {
    node @0;
    # The node itself.

    members @1;
    # The view that it acts by.

    shards @2;
    # Who owns how many; with a node's name as the subject, which.

    links @3;
    actors @4;
    # The largest `limit` of the kind that is the subject.

    actor @5;
    # What it has of an address or a role.

    room @6;
    user @7;
    # What it has of the one with that address.
  }
}

struct NodeTold {
  error @0 :ErrorCode;
  total @1 :UInt64;
  silent @2 :UInt64;
  # Actors that did not describe themselves in time.

  items @3 :List(Description);
}

# -- the two ends of a link -----------------------------------------------------------------------

struct LinkHello {
  cluster @0 :Text;
  from @1 :NodeIdentity;
  address @2 :Text;
  # host:port at which the sender can be dialled.

  version @3 :UInt32;
  settingsHash @4 :UInt64;
  # Of the settings that must agree.

  viewNo @5 :UInt64;
}

struct LinkRefused {
  why @0 :Text;
}

# -- members, views, leases -----------------------------------------------------------------------

struct NodeIdentity {
  name @0 :Text;
  # 1 to 64 characters of [a-zA-Z0-9._-].

  incarnation @1 :UInt64;
}

enum MemberState {
  joining @0;
  up @1;
  leaving @2;
  down @3;
}

struct Member {
  id @0 :NodeIdentity;
  address @1 :Text;
  state @2 :MemberState;
  weight @3 :UInt32 = 100;
  zone @4 :Text;
  region @5 :Text;
}

struct View {
  no @0 :UInt64;
  members @1 :List(Member);
  # Sorted by name, none down.

  fenced @2 :List(NodeIdentity);
  # The last ended life of a name, oldest end first.

  overrides @3 :List(Override);
  previous @4 :Placement;
  # By what the shards were placed one view ago.

  leasesLeft @5 :List(LeaseLeft);
  # Of those whom this view let go: how long after the decision they may still act. Who is not named
  # has the whole of a lease.

  struct Override {
    shard @0 :UInt32;
    member @1 :Text;
  }
  struct LeaseLeft {
    id @0 :NodeIdentity;
    ms @1 :UInt32;
  }
  struct Placed {
    id @0 :NodeIdentity;
    weight @1 :UInt32;
  }
  struct Placement {
    members @0 :List(Placed);
    overrides @1 :List(Override);
  }
}

struct JoinRefused {
  who @0 :NodeIdentity;
  why @1 :Text;
  outlived @2 :Bool;
  # That life of it has ended: it may ask again as a new one.
}

struct HoldsNothing {
  who @0 :NodeIdentity;
  viewNo @1 :UInt64;
}

struct ViewWanted {
  have @0 :UInt64;
}

struct LeaseWanted {
  from @0 :NodeIdentity;
  acknowledgedView @1 :UInt64;
  askedAt @2 :UInt64;
  # The asker's own clock, in microseconds; only the asker can read it.
}

struct LeaseGranted {
  viewNo @0 :UInt64;
  ttlMs @1 :UInt32;
  # From `askedAt` on.

  askedAt @2 :UInt64;
}

# -- failure detection ----------------------------------------------------------------------------

struct Accusation {
  target @0 :NodeIdentity;
  withdrawn @1 :Bool;
}

struct Probe {
  sequence @0 :UInt64;
}

struct TargetProbe {
  target @0 :NodeIdentity;
  sequence @1 :UInt64;
}

# -- routers --------------------------------------------------------------------------------------

struct Bounced {
  envelope @0 :Data;
  # As it came.

  why @1 :Why;

  enum Why {
    wrongOwner @0;
    # The sender of this does not own the shard in the view it knows.

    notReady @1;
    # It does, but is still fetching it and holds as much as it may.
  }
}

struct Barrier {
  viewNo @0 :UInt64;
}

# -- shards ---------------------------------------------------------------------------------------

struct ShardWanted {
  shard @0 :UInt32;
  viewNo @1 :UInt64;
  # In which the asker owns it.

  asOf @2 :UInt64;
  # The view whose owner is asked; 0 = a salvage: whatever the receiver has, rings of replicas, too.

  ticket @3 :UInt64;
}

struct ShardPart {
  shard @0 :UInt32;
  ticket @1 :UInt64;
  part @2 :UInt32;
  parts @3 :UInt32;
  rooms @4 :List(RoomContent);
}

struct RoomContent {
  # What is too large for one part goes on in the next, as more of the same room.
  room @0 :Text;
  position @1 :Position;
  ancestors @2 :List(Position);
  tail @3 :List(Publication);
  keys @4 :List(RememberedKey);
  interest @5 :List(InterestLine);

  struct RememberedKey {
    key @0 :Text;
    offset @1 :UInt64;
    ageUs @2 :Int64;
  }
  struct InterestLine {
    node @0 :NodeIdentity;
    version @1 :UInt64;
    wanted @2 :Bool;
  }
}

struct ShardRefused {
  shard @0 :UInt32;
  ticket @1 :UInt64;
  why @2 :Why;
  to @3 :NodeIdentity;
  # Of a redirect; else null.

  asOf @4 :UInt64;
  # Of a redirect; of wrongOwner the view that the asker has not seen.

  enum Why {
    redirect @0;
    notReady @1;
    wrongOwner @2;
    unknown @3;
  }
}

struct ShardReceived {
  shard @0 :UInt32;
  ticket @1 :UInt64;
}

struct ShardsActive {
  epoch @0 :UInt64;
  shards @1 :List(UInt32);
}
