// What the parts of a partner's screen share: its record, its live report, and what happens to it
// while the screen is open.
import { getContext, setContext } from 'svelte';
import { api, data, type Schemas } from '$lib/api/client';
import { resource } from '$lib/api/resource.svelte';
import { follow, type LiveFact } from '$lib/live/stream.svelte';
import { session } from '$lib/state/session.svelte';

export type Partner = Schemas['Partner'];

const KEY = Symbol('partner');
const FRESH_FACTS = 15;
/** Facts come in bursts: what is loaded again after them is loaded once. */
const SETTLE_MS = 400;

export class PartnerScreen {
  readonly id: string;
  readonly partner;
  /** For the default window, the last 30 days. */
  readonly report;
  /** The partner's own days begin and end by it. */
  readonly timeZone = $derived.by(() => this.partner.data?.time_zone ?? session.timeZone);
  /** What was recorded while the screen was open, newest first. */
  fresh = $state.raw<LiveFact[]>([]);
  /** Counts up when numbers may have changed: whoever reads it loads anew. */
  changes = $state(0);
  /** Counts up when something changed at its domain. */
  domainChanges = $state(0);
  #settling: ReturnType<typeof setTimeout> | undefined;
  #reported = false;

  constructor(id: string) {
    this.id = id;
    const params = { path: { id } };
    this.partner = resource((signal) => data(api.GET('/api/v1/partners/{id}', { params, signal })));
    this.report = resource((signal) =>
      data(api.GET('/api/v1/partners/{id}/report', { params, signal })),
    );
    follow(() => ({ partner: id }), {
      fact: this.#heard,
      report: (report) => {
        this.#reported = true;
        this.report.data = report;
        this.report.problem = undefined;
      },
      totals: () => this.happened(),
      domain: () => this.domainChanges++,
      reload: this.reloadAll,
    });
    $effect(() => () => clearTimeout(this.#settling));
  }

  /** May be changed by who is signed in. */
  get canChange() {
    return session.canChange;
  }

  #heard = (fact: LiveFact) => {
    if (!this.fresh.some((known) => known.id === fact.id))
      this.fresh = [fact, ...this.fresh].slice(0, FRESH_FACTS);
    if (fact.kind === 'partner.converted') void this.partner.reload();
    this.happened();
  };

  /** Something was recorded: what shows numbers is brought up to date, once for a burst. */
  happened = () => {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.changes++;
      // The stream brings the report by itself where it can.
      if (!this.#reported) void this.report.reload();
      this.#reported = false;
    }, SETTLE_MS);
  };

  reloadAll = () => {
    this.changes++;
    this.domainChanges++;
    void this.partner.reload();
    void this.report.reload();
  };
}

export function openPartnerScreen(id: string) {
  return setContext(KEY, new PartnerScreen(id));
}

export function partnerScreen() {
  return getContext<PartnerScreen>(KEY);
}
