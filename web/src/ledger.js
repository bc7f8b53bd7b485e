// ledger: proves that a room's messages arrived completely and once.
//
// A room numbers its publications without holes within an epoch. The ledger notes every offset seen,
// so it knows by itself, not by the server's word, what is missing after a reconnect.

export class Ledger {
  #ahead = new Set(); // seen offsets past the settled ones
  #settled = 0; // every offset up to here was seen, was before our time, or was given up
  #epoch = null;
  #seen = 0;
  #duplicates = 0;

  /** Where the subscription stands. Starts afresh when the room has a new epoch. */
  start({ epoch, offset }) {
    if (this.#epoch === epoch) return;
    this.#ahead.clear();
    this.#epoch = epoch;
    this.#settled = offset;
  }

  /** Notes one live or recovered publication; false when it was here before. */
  note(offset) {
    if (offset <= this.#settled || this.#ahead.has(offset)) {
      this.#duplicates += 1;
      return false;
    }
    this.#seen += 1;
    this.#ahead.add(offset);
    while (this.#ahead.delete(this.#settled + 1)) this.#settled += 1;
    return true;
  }

  totals() {
    return { seen: this.#seen, duplicates: this.#duplicates };
  }

  /** Closes the books up to `offset` and past every offset seen: returns how many never came. */
  settle(offset) {
    const top = Math.max(offset, this.#settled, ...this.#ahead);
    const missing = top - this.#settled - this.#ahead.size;
    this.#settled = top;
    this.#ahead.clear();
    return missing;
  }
}
