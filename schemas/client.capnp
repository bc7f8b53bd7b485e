@0xee08ee8b40bfaa30;
# client.capnp: Argosy's binary client protocol, version 1.
#
# This file is the protocol reference. A client opens a WebSocket (RFC 6455) at
# /connection/websocket and offers the subprotocol `argosy.capnp.1`. From then on each binary
# message, in either direction, is exactly one Cap'n Proto message in the standard stream framing
# (segment table, then the segments), unpacked: a ClientMessage from the client, a ServerMessage
# from the server. Text messages are not part of this dialect.
#
# The commands, their order and their meaning are those of the Centrifuge client protocol v2, which
# the JSON dialect speaks; both dialects end in the same session. What that protocol lacks is first
# class here: the delivery class of a publication and its key, idempotent publishing with the
# position as its acknowledgement, the notice of a gap, and the hint of a drain.
#
# A conversation
# --------------
#   client  connect{token}                      must be first
#   server  reply connect{client, pingS ...}
#   client  subscribe{channel, recover, epoch, offset}
#   server  reply subscribe{recovered, publications ...}
#   server  push publication ...                any time from here on
#   server  ping                                every pingS seconds
#   client  pong                                soon after, or the server closes with 3012
#
# Rules for both sides
# --------------------
# - Text is UTF-8. Data is any bytes; only JSON text (one value) can also be read by clients of the
#   JSON dialect, who get other bytes as base64 under `b64data`.
# - A null pointer means "nothing said": an empty text, no data, an empty list.
# - Epochs are opaque. An offset counts from 1 inside its epoch; 0 is "before the first".
# - Fields and union members may be added at the end of a struct. A reader meeting a union member it
#   does not know ignores the push, answers error 104 to the command, or drops the reply.
#
# What the server refuses
# -----------------------
# It closes with 3501 (bad request; do not reconnect) on: a text message; bytes that are not a whole
# Cap'n Proto message, or more than one; more than 64 segments; pointers out of bounds, nested
# deeper than 16, or together pointing at more than twice the message; text that is not UTF-8;
# a message without commands; a publish without data; an unknown command
# without an id. Commands in front of the bad one have been carried out. An unknown DeliveryClass is
# answered with error 107.
#
# Close codes: 3500-3999 and 4500-4999 are final, after any other the client reconnects with
# backoff and resumes each channel from its last position.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("argosy::wire");

# -- from the client ------------------------------------------------------------------------------

struct ClientMessage {
  commands @0 :List(Command);
  # Carried out in order. At least one. A client may batch what it has: connect and all its
  # subscribe commands fit in one message.
}

struct Command {
  id @0 :UInt32;
  # Chosen by the client, above 0 and unique among its unanswered commands; the reply carries it.
  # 0 for `pong` and `send`, which have no reply.

  union {
    pong @1 :Void;
    # The answer to a ping. Legal only after one.

    connect @2 :ConnectRequest;
    subscribe @3 :SubscribeRequest;
    unsubscribe @4 :ChannelRequest;
    publish @5 :PublishRequest;
    presence @6 :ChannelRequest;
    presenceStats @7 :ChannelRequest;
    history @8 :HistoryRequest;
    rpc @9 :RpcRequest;
    send @10 :Data;
    # A message to the application; there is no reply.

    refresh @11 :Text;
    # A new connection token, before the old one's ttl has run out.

    subRefresh @12 :SubRefreshRequest;
  }
}

struct ConnectRequest {
  token @0 :Text;
  # A JWT. Tenant, user and rights come from here and from nowhere else.

  data @1 :Data;
  name @2 :Text;
  version @3 :Text;
  # Of the client program, for logs.

  subs @4 :List(Resume);
  # Server-side subscriptions of an earlier connection that the client wants to resume.
}

struct Resume {
  channel @0 :Text;
  recover @1 :Bool;
  position @2 :Position;
}

struct Position {
  epoch @0 :Text;
  offset @1 :UInt64;
}

struct ChannelRequest {
  channel @0 :Text;
}

struct SubscribeRequest {
  channel @0 :Text;
  token @1 :Text;
  data @2 :Data;

  recover @3 :Bool;
  # Deliver what was published after `position`. All or nothing: see SubscribeResult.recovered.

  position @4 :Position;
  positioned @5 :Bool;
  # Ask the server to watch the position and unsubscribe with 2500 rather than lose something.

  recoverable @6 :Bool;
  joinLeave @7 :Bool;
  flags @8 :UInt64;
  # Bit 1 (value 2): answer error 112 instead of recovered = false.
}

struct PublishRequest {
  channel @0 :Text;
  data @1 :Data;
  # Never empty.

  deliveryClass @2 :DeliveryClass;
  key @3 :Text;
  # For class `latest`: the value of which only the newest counts.

  idempotencyKey @4 :Text;
  # A publish with a key the room has seen lately is not published again; the reply carries the
  # position of the first. This is what makes a publish safe to retry after a lost connection.
}

enum DeliveryClass {
  event @0;
  # Ordered, and never dropped in silence.

  latest @1;
  # A slow receiver gets only the newest value of each key.
}

struct HistoryRequest {
  channel @0 :Text;
  limit @1 :Int32;
  # 0 = only the current position, -1 = as many as the server allows.

  since @2 :Position;
  # Null = from the beginning of what is kept (or from the end, if reverse).

  reverse @3 :Bool;
}

struct RpcRequest {
  method @0 :Text;
  data @1 :Data;
}

struct SubRefreshRequest {
  channel @0 :Text;
  token @1 :Text;
}

# -- from the server ------------------------------------------------------------------------------

struct ServerMessage {
  union {
    ping @0 :Void;
    # Answer with a pong if ConnectResult.pong was set.

    reply @1 :Reply;
    push @2 :Push;
  }
}

struct Reply {
  id @0 :UInt32;
  # Of the command. Replies come in the order in which commands finish, not always as sent.

  union {
    error @1 :Error;
    connect @2 :ConnectResult;
    subscribe @3 :SubscribeResult;
    unsubscribe @4 :Void;
    publish @5 :Position;
    # Where the publication stands: the acknowledgement. Empty where the channel keeps no history.

    presence @6 :List(ClientInfo);
    presenceStats @7 :PresenceStats;
    history @8 :HistoryResult;
    rpc @9 :Data;
    refresh @10 :RefreshResult;
    subRefresh @11 :Expiry;
  }
}

struct Error {
  code @0 :UInt16;
  # 100 internal, 101 unauthorized, 102 unknown channel, 103 permission denied, 104 method not
  # found, 105 already subscribed, 106 limit exceeded, 107 bad request, 108 not available, 109 token
  # expired, 110 expired, 111 too many requests, 112 unrecoverable position.

  message @1 :Text;
  temporary @2 :Bool;
  # The same command may succeed a little later.
}

struct Expiry {
  expires @0 :Bool;
  ttlS @1 :UInt32;
}

struct ClientId {
  # A version 4 UUID as two big-endian halves.
  high @0 :UInt64;
  low @1 :UInt64;
}

struct ConnectResult {
  client @0 :ClientId;
  version @1 :Text;
  # Of the server.

  expiry @2 :Expiry;
  data @3 :Data;
  subs @4 :List(ServerSub);
  pingS @5 :UInt32;
  # Interval of the server's pings; hearing nothing for this long and a margin means the connection
  # is dead.

  pong @6 :Bool;
  session @7 :Text;
  node @8 :Text;
  timeMs @9 :Int64;
  # The server's clock, Unix milliseconds.
}

struct ServerSub {
  channel @0 :Text;
  result @1 :SubscribeResult;
}

struct SubscribeResult {
  expiry @0 :Expiry;
  recoverable @1 :Bool;
  positioned @2 :Bool;
  position @3 :Position;
  publications @4 :List(Publication);
  # What was missed, oldest first, ending at `position`; only if `recovered`.

  recovered @5 :Bool;
  # True: there is no hole between the asked position and this one. False with wasRecovering: there
  # may be one; start over.

  wasRecovering @6 :Bool;
  data @7 :Data;
}

struct ClientInfo {
  client @0 :ClientId;
  user @1 :Text;
  # Empty = anonymous.

  connInfo @2 :Data;
  chanInfo @3 :Data;
  # JSON text from the tokens.
}

struct PresenceStats {
  clients @0 :UInt32;
  users @1 :UInt32;
}

struct HistoryResult {
  publications @0 :List(Publication);
  position @1 :Position;
}

struct RefreshResult {
  client @0 :ClientId;
  version @1 :Text;
  expiry @2 :Expiry;
}

struct Publication {
  data @0 :Data;
  offset @1 :UInt64;
  # 0 where the channel keeps no history.

  info @2 :ClientInfo;
  # The publisher; null for the server API.

  tags @3 :List(Tag);
  timeMs @4 :Int64;
  # The owner's clock, Unix milliseconds; 0 = not known.

  deliveryClass @5 :DeliveryClass;
  conflationKey @6 :UInt64;
  # For class `latest`: equal for publications of equal keys, so that a client can conflate too.
}

struct Tag {
  name @0 :Text;
  value @1 :Text;
}

struct Push {
  channel @0 :Text;
  # Empty for message, disconnect, refresh and drain.

  union {
    publication @1 :Publication;
    join @2 :ClientInfo;
    leave @3 :ClientInfo;

    unsubscribe @4 :Notice;
    # The server ended the subscription. Code 2500 and above: subscribe again, with recovery.

    subscribe @5 :Subscription;
    # The server added a subscription.

    message @6 :Data;
    # Outside of any channel.

    disconnect @7 :Disconnect;
    # The reason of the close frame that follows.

    refresh @8 :Expiry;
    # The server changed the expiry of the connection.

    gap @9 :Gap;
    drain @10 :Drain;
  }
}

struct Notice {
  code @0 :UInt32;
  reason @1 :Text;
}

struct Subscription {
  recoverable @0 :Bool;
  positioned @1 :Bool;
  position @2 :Position;
}

struct Disconnect {
  notice @0 :Notice;
  reconnect @1 :Bool;
}

struct Gap {
  # Publications from..to (both included) of this channel were dropped for this client, because it
  # read too slowly. What follows is in order again. To fill the gap, ask for the history since
  # from - 1 with limit to - from + 1.
  from @0 :UInt64;
  to @1 :UInt64;
  reason @2 :Text;
}

struct Drain {
  # This node is leaving. It will close this connection with a resumable code; a client that would
  # rather choose its moment reconnects by itself within `afterMs`.
  afterMs @0 :UInt32;
  endpoint @1 :Text;
  # Where to go; empty = the address it came by.
}
