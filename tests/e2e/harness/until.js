// until: waiting for something to become true, with one deadline and no bare sleeps.

const deadlineMs = 15_000;
const intervalMs = 20;

/** Polls `condition` until it returns something truthy, and returns that. */
export async function until(what, condition, ms = deadlineMs) {
  const end = performance.now() + ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`still not so after ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** The promise, or an error that says what was waited for. */
export function within(what, promise, ms = deadlineMs) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not happen within ${ms} ms: ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
