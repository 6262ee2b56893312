// A check of many partners that the server makes: how far it is, looked at while it goes on.
import { api, data, type Schemas } from '$lib/api/client';
import { toasts } from '$lib/state/toasts.svelte';

const LOOK_MS = 700;

export class Run {
  told = $state.raw<Schemas['DomainRun']>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onfinished: () => void;
  #stopped = false;

  constructor(onfinished: () => void) {
    this.#onfinished = onfinished;
    void this.#look();
  }

  #take(told: Schemas['DomainRun']) {
    const finished = this.told?.running && !told.running;
    this.told = told;
    clearTimeout(this.#timer);
    if (told.running && !this.#stopped) this.#timer = setTimeout(() => void this.#look(), LOOK_MS);
    if (finished) this.#onfinished();
  }

  async #look() {
    try {
      this.#take(await data(api.GET('/api/v1/dns/run')));
    } catch {
      // Asked again as long as it goes on.
      if (this.told?.running && !this.#stopped)
        this.#timer = setTimeout(() => void this.#look(), 2 * LOOK_MS);
    }
  }

  start = async () => {
    try {
      this.#take(await data(api.POST('/api/v1/dns/run', { body: {} })));
      if (!this.told?.running) this.#onfinished();
    } catch (failure) {
      toasts.fail(failure);
    }
  };

  end = async () => {
    try {
      this.#take(await data(api.DELETE('/api/v1/dns/run')));
    } catch (failure) {
      toasts.fail(failure);
    }
  };

  /** Nobody looks any more; the server goes on. */
  leave() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}

export function run(onfinished: () => void) {
  const made = new Run(onfinished);
  $effect(() => () => made.leave());
  return made;
}
