// What happened last, the newest first: loaded once, then as it comes.
import { api, data, asProblem, type Problem } from '$lib/api/client';
import { kindLabel, type KindCode } from '$lib/fact/kinds';
import { number } from '$lib/format/format';
import type { LiveFact } from '$lib/live/stream.svelte';
import type { Scope } from '$lib/metric/scope';

const LOADED = 40;
const KEPT = 60;

/** Facts of a burst are one entry, with how many there were of each kind. */
export type FeedEntry =
  | { fact: LiveFact }
  | { totals: number; kinds: string; byKind: Record<string, number>; at: number };

function totalsEntry(totals: number, byKind: Record<string, number>): FeedEntry {
  const kinds = Object.entries(byKind)
    .map(([kind, facts]) => `${kindLabel(kind)} ${number(facts)}`)
    .join(', ');
  return { totals, kinds, byKind, at: Date.now() };
}

function sumOf(one: Record<string, number>, other: Record<string, number>) {
  const sum = { ...one };
  for (const [kind, facts] of Object.entries(other)) sum[kind] = (sum[kind] ?? 0) + facts;
  return sum;
}

export class Feed {
  entries = $state.raw<FeedEntry[]>([]);
  /** What came while it was paused, shown when it goes on. */
  waiting = $state(0);
  ready = $state(false);
  problem = $state.raw<Problem>();
  #paused = false;
  #held: FeedEntry[] = [];

  /** `shown`: the kinds that are wanted. */
  async load(scope: Scope, shown: KindCode[]) {
    try {
      const page = await data(
        api.GET('/api/v1/facts', { params: { query: { ...scope, limit: LOADED, kind: shown } } }),
      );
      this.entries = page.items.map((fact) => ({ fact }));
      this.problem = undefined;
    } catch (failure) {
      this.problem = asProblem(failure);
    }
    this.ready = true;
  }

  #add(entry: FeedEntry) {
    if (this.#paused) {
      this.#held.unshift(entry);
      this.waiting = this.#held.length;
    } else this.entries = [entry, ...this.entries].slice(0, KEPT);
  }

  add(fact: LiveFact) {
    const known = this.entries.some((entry) => 'fact' in entry && entry.fact.id === fact.id);
    if (!known) this.#add({ fact });
  }

  addTotals(facts: number, byKind: Record<string, number>) {
    const first = this.entries[0];
    if (first && 'totals' in first && !this.#paused) {
      const sum = sumOf(first.byKind, byKind);
      this.entries = [totalsEntry(first.totals + facts, sum), ...this.entries.slice(1)];
    } else this.#add(totalsEntry(facts, byKind));
  }

  /** While one reads, nothing moves away under the pointer. */
  pause(paused: boolean) {
    this.#paused = paused;
    if (paused) return;
    this.entries = [...this.#held, ...this.entries].slice(0, KEPT);
    this.#held = [];
    this.waiting = 0;
  }
}
