// roster: who is in the room, as people rather than connections.
//
// Presence speaks of connections; a person with two tabs has two. Connections of one user are one
// person, and each of its distinct devices counts once, even while a dropped socket still lingers.

export class Roster {
  #clients = new Map();

  reset(clients) {
    this.#clients = new Map(clients.map((info) => [info.client, info]));
  }

  join(info) {
    this.#clients.set(info.client, info);
  }

  leave(info) {
    this.#clients.delete(info.client);
  }

  /** `[{user, name, devices: [kind]}]`, oneself first, then by name. */
  people(me) {
    const people = new Map();
    for (const { client, user, connInfo } of this.#clients.values()) {
      const person = people.get(user) ?? { user, name: nameOf({ user, connInfo }), devices: new Map() };
      person.devices.set(connInfo?.device ?? client, connInfo?.kind ?? "laptop");
      people.set(user, person);
    }
    return [...people.values()]
      .map((person) => ({ ...person, devices: [...person.devices.values()] }))
      .sort((a, b) => (b.user === me) - (a.user === me) || a.name.localeCompare(b.name));
  }
}

/** What to call the author of a publication or a presence entry. */
export function nameOf(info) {
  if (!info) return "the API";
  return info.connInfo?.name || info.user || "anonymous";
}
