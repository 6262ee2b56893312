// Follows what is recorded. One open stream a visible page: a hidden page lets go of its
// connection (browsers keep only six to a server) and catches up, from the ledger, when it is
// looked at again.
import { api, data, type Schemas } from '$lib/api/client';

export type LiveFact = Schemas['Fact'];

export type LiveHandlers = {
  fact?: (fact: LiveFact) => void;
  /** The partner's whole live report after a change. */
  report?: (report: Schemas['PartnerReport']) => void;
  /** Today's numbers after a change; as GET /api/v1/pulse. */
  pulse?: (pulse: Schemas['Pulse']) => void;
  /** Too many at once to show each. */
  totals?: (totals: { facts: number; kinds: Record<string, number> }) => void;
  /** Something changed at a partner's domain; undefined: at too many to show each. */
  domain?: (change?: Schemas['DomainChange']) => void;
  /** Away for too long: load everything anew. */
  reload?: () => void;
};

export type Connection = 'connecting' | 'live' | 'lost';

const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 15000;
const HIDDEN_MS = 10000;

class LiveStream {
  connection = $state<Connection>('connecting');
  /** When the connection was lost. */
  lostAt = $state<number>();
  #query: Record<string, string>;
  #handlers: LiveHandlers;
  #source: EventSource | undefined;
  #lastId = '';
  #retryMs = RETRY_FIRST_MS;
  /** What came since the connection was opened again after a loss; undefined: it was not lost. */
  #caughtUp: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(query: Record<string, string>, handlers: LiveHandlers) {
    this.#query = query;
    this.#handlers = handlers;
    document.addEventListener('visibilitychange', this.#visibilityChanged);
    addEventListener('online', this.retry);
    this.#open();
  }

  stop() {
    document.removeEventListener('visibilitychange', this.#visibilityChanged);
    removeEventListener('online', this.retry);
    clearTimeout(this.#timer);
    this.#source?.close();
  }

  #open() {
    clearTimeout(this.#timer);
    this.#source?.close();
    const query = new URLSearchParams(this.#query);
    if (this.#lastId) query.set('after', this.#lastId);
    const source = new EventSource(`/api/v1/stream?${query}`);
    this.#source = source;
    source.onerror = () => this.#lost();
    this.#on('ready', () => {
      this.connection = 'live';
      this.lostAt = undefined;
      this.#retryMs = RETRY_FIRST_MS;
      if (this.#caughtUp !== undefined) live.onback?.(this.#caughtUp);
      this.#caughtUp = undefined;
    });
    this.#on('fact', (told) => {
      if (this.#caughtUp !== undefined) this.#caughtUp++;
      this.#handlers.fact?.(told as LiveFact);
    });
    this.#on('report', (told) => this.#handlers.report?.(told as Schemas['PartnerReport']));
    this.#on('pulse', (told) => this.#handlers.pulse?.(told as Schemas['Pulse']));
    this.#on('totals', (told) => {
      const totals = told as { facts: number; kinds: Record<string, number> };
      if (this.#caughtUp !== undefined) this.#caughtUp += totals.facts;
      this.#handlers.totals?.(totals);
    });
    this.#on('domain', (told) => this.#handlers.domain?.(told as Schemas['DomainChange']));
    this.#on('domains', () => this.#handlers.domain?.());
    this.#on('reload', () => this.#handlers.reload?.());
  }

  #on(name: string, handle: (told: unknown) => void) {
    this.#source?.addEventListener(name, (event) => {
      const message = event as MessageEvent<string>;
      if (message.lastEventId) this.#lastId = message.lastEventId;
      handle(message.data ? JSON.parse(message.data) : null);
    });
  }

  /** The browser's own retries stop at an answer that is no stream, so all retries are ours. */
  #lost() {
    this.#source?.close();
    this.#source = undefined;
    if (this.connection !== 'lost') this.lostAt = Date.now();
    this.connection = 'lost';
    this.#caughtUp = 0;
    // A stream does not say why it ended: whoever is signed out learns it from this answer.
    data(api.GET('/api/v1/session')).catch(() => {});
    this.#timer = setTimeout(() => this.#open(), this.#retryMs * (0.75 + Math.random() / 2));
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MOST_MS);
  }

  /** Now, not when the time for it has come. */
  retry = () => {
    if (this.connection !== 'live') this.#open();
  };

  #visibilityChanged = () => {
    clearTimeout(this.#timer);
    if (!document.hidden) {
      if (!this.#source) this.#open();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#source?.close();
      this.#source = undefined;
    }, HIDDEN_MS);
  };
}

class Live {
  /** The stream of the screen that is open; undefined where a screen shows nothing live. */
  stream = $state.raw<LiveStream>();
  /** Told when a lost connection is back, with how many facts came meanwhile. */
  onback: ((facts: number) => void) | undefined;
}

/** What the shell shows of the connection. */
export const live = new Live();

/**
 * Follows while the component lives, and follows anew when `query` changes. Call it while a
 * component is made.
 */
export function follow(query: () => Record<string, string>, handlers: LiveHandlers) {
  $effect(() => {
    const stream = new LiveStream(query(), handlers);
    live.stream = stream;
    return () => {
      stream.stop();
      if (live.stream === stream) live.stream = undefined;
    };
  });
}
