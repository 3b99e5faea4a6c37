import { type Problem, problemOf } from './api';

/**
 * One answer of the server that follows the page's state. While a newer answer
 * is under way the older one stays, so that nothing on the page jumps; a newer
 * request cancels the older one.
 */
export class Resource<T> {
  data = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);
  /** The key that data or problem answers; an older one while a newer answer is under way. */
  of = $state.raw<string | null>(null);
  #key: string | null = null;
  #cancel: AbortController | null = null;

  /** Loads unless the key is that of the answer at hand or under way. */
  load(key: string, fetch: (signal: AbortSignal) => Promise<T>): void {
    if (key === this.#key) return;
    this.#key = key;
    this.#cancel?.abort();
    const cancel = new AbortController();
    this.#cancel = cancel;
    this.loading = true;
    fetch(cancel.signal).then(
      (data) => {
        if (cancel.signal.aborted) return;
        this.data = data;
        this.of = key;
        this.problem = null;
        this.loading = false;
      },
      (err: unknown) => {
        if (cancel.signal.aborted) return;
        this.problem = problemOf(err);
        this.of = key;
        this.loading = false;
      },
    );
  }

  /** Asks again with the next load, also under the same key. */
  forget(): void {
    this.#key = null;
  }
}
