// Follows GET /api/v1/stream as a client would that comes back by itself.

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Waits until `is()`; false after so long.
export async function until(is, ms = 10_000) {
  const end = Date.now() + ms;
  while (!is() && Date.now() < end) await sleep(5);
  return is();
}

function parse(block) {
  const event = { id: undefined, name: 'message', data: undefined };
  for (const line of block.split('\n')) {
    const at = line.indexOf(': ');
    if (at <= 0) continue;
    const [key, value] = [line.slice(0, at), line.slice(at + 2)];
    if (key === 'id') event.id = value;
    if (key === 'event') event.name = value;
    if (key === 'data') event.data = JSON.parse(value);
  }
  return event.data === undefined ? undefined : event;
}

export class Follower {
  // `server()` is asked again at every attempt: after a restart it is another.
  constructor(server, token, { query = '', cookie, after } = {}) {
    Object.assign(this, { server, token, query, cookie, lastId: after ?? '' });
    this.events = [];
    this.connections = 0;
    this.status = undefined;
    this.open = false;
  }

  of(name) {
    return this.events.filter((event) => event.name === name);
  }

  // What was told, one by one or as totals.
  get told() {
    return this.of('fact').length +
      this.of('totals').reduce((sum, { data }) => sum + data.facts, 0);
  }

  // One connection, until it ends or is ended; resolves then.
  async connect() {
    this.abort = new AbortController();
    const headers = {};
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    if (this.cookie) headers.cookie = this.cookie;
    if (this.lastId) headers['last-event-id'] = this.lastId;
    try {
      const answer = await fetch(`${this.server().url}/api/v1/stream${this.query}`, {
        headers, signal: this.abort.signal,
      });
      this.status = answer.status;
      if (answer.status !== 200) {
        await answer.text();
        return;
      }
      this.connections++;
      await this.read(answer.body);
    } catch {
      // Cut off: by us, by a server that was killed, or by one that is not up again.
    } finally {
      this.open = false;
    }
  }

  async read(body) {
    const decoder = new TextDecoder();
    let text = '';
    for await (const bytes of body) {
      text += decoder.decode(bytes, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop();
      for (const block of blocks) this.take(parse(block));
    }
  }

  take(event) {
    if (!event) return;
    if (event.id) this.lastId = event.id;
    if (event.name === 'ready') this.open = true;
    this.events.push({ ...event, at: performance.now() });
  }

  // Connects again and again until `stop`.
  start() {
    this.running = true;
    this.loop = (async () => {
      while (this.running) {
        await this.connect();
        if (this.running) await sleep(20);
      }
    })();
    return this;
  }

  cut() {
    this.abort?.abort();
  }

  async stop() {
    this.running = false;
    this.cut();
    await this.loop;
  }
}
