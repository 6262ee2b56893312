// A list that is loaded page by page, with what it depends on.
import { asProblem, type Problem } from './client';

type Page<T> = { items: T[]; next: string | null };

export class Pages<T> {
  items = $state.raw<T[]>([]);
  next = $state<string | null>(null);
  /** The first page is there (it may be empty). */
  ready = $state(false);
  loading = $state(true);
  problem = $state.raw<Problem>();
  #load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>;
  #abort: AbortController | undefined;

  constructor(load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>) {
    this.#load = load;
  }

  async #fetch(cursor: string | undefined) {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const promise = this.#load(cursor, abort.signal);
    this.loading = true;
    try {
      const page = await promise;
      if (abort.signal.aborted) return;
      this.items = cursor ? [...this.items, ...page.items] : page.items;
      this.next = page.next;
      this.ready = true;
      this.problem = undefined;
    } catch (failure) {
      if (abort.signal.aborted) return;
      this.problem = asProblem(failure);
    }
    this.loading = false;
  }

  /** From the first page on. Never rejects. */
  reload = () => this.#fetch(undefined);

  more = () => {
    if (this.next && !this.loading) void this.#fetch(this.next);
  };

  stop() {
    this.#abort?.abort();
  }
}

/** As `resource`, for a list. */
export function pages<T>(
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
): Pages<T> {
  const made = new Pages(load);
  $effect(() => {
    void made.reload();
    return () => made.stop();
  });
  return made;
}
