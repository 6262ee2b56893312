// Something loaded from the server that follows what it depends on.
import { asProblem, type Problem } from './client';

export class Resource<T> {
  /** What was loaded last; stays while newer data is on its way. */
  data = $state.raw<T>();
  problem = $state.raw<Problem>();
  loading = $state(true);
  #load: (signal: AbortSignal) => Promise<T> | null;
  #abort: AbortController | undefined;

  constructor(load: (signal: AbortSignal) => Promise<T> | null) {
    this.#load = load;
  }

  /** Loads again. Never rejects: a failure is in `problem`. */
  reload = async () => {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const promise = this.#load(abort.signal);
    if (!promise) return;
    this.loading = true;
    try {
      const data = await promise;
      if (abort.signal.aborted) return;
      this.data = data;
      this.problem = undefined;
    } catch (failure) {
      if (abort.signal.aborted) return;
      this.problem = asProblem(failure);
    }
    this.loading = false;
  };

  stop() {
    this.#abort?.abort();
  }
}

/**
 * Loads now, and again whenever state changes that `load` reads before its first await; null: not
 * yet. Call it while a component is made.
 */
export function resource<T>(load: (signal: AbortSignal) => Promise<T> | null): Resource<T> {
  const made = new Resource(load);
  $effect(() => {
    void made.reload();
    return () => made.stop();
  });
  return made;
}
