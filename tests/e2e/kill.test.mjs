// The server is killed in the middle of its work, again and again. What it acknowledged is there
// afterwards, once, and every total is exact.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Server, command, freshDirectory, init, removeDirectory } from './server.mjs';

const rounds = Number(process.env.RAPPORT_KILL_ROUNDS ?? 8);
const clients = 8;
const day = 86_400_000;
const kinds = ['order', 'item', 'call.made', 'visit', 'cost', 'deal.won', 'display.on'];
const withAmount = ['order', 'item', 'cost', 'deal.won'];
const withProduct = ['item', 'display.on'];

// A seed that is printed, so that a failure can be repeated.
function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

class Load {
  constructor(partners, products, pick) {
    this.partners = partners;
    this.products = products;
    this.pick = pick;
    this.sent = new Map(); // external id → fact as sent
    this.acknowledged = new Map(); // external id → id
    this.count = 0;
  }

  fact() {
    const kind = kinds[this.pick(kinds.length)];
    const fact = {
      partner: this.partners[this.pick(this.partners.length)],
      kind,
      at: new Date(Date.UTC(2026, 0, 1) + this.pick(300 * day)).toISOString(),
      quantity: String(1 + this.pick(9)),
      source: 'kill',
      external_id: `fact-${this.count++}`,
    };
    if (withAmount.includes(kind)) {
      fact.amount = (this.pick(100_000) / 100).toFixed(2);
      fact.currency = 'EUR';
    }
    if (withProduct.includes(kind)) fact.product = this.products[this.pick(this.products.length)];
    this.sent.set(fact.external_id, fact);
    return fact;
  }

  facts(count) {
    return Array.from({ length: count }, () => this.fact());
  }

  note(facts, results) {
    assert.equal(results.length, facts.length);
    results.forEach((result, i) => {
      assert.ok(['recorded', 'repeated'].includes(result.result), JSON.stringify(result));
      this.acknowledged.set(facts[i].external_id, result.id);
    });
  }
}

// One of the three ways to record facts; notes what was acknowledged.
async function post(server, token, load, facts, form) {
  if (form === 'one') {
    const answer = await server.ask('POST', '/api/v1/facts', { token, body: facts[0] });
    assert.ok([200, 201].includes(answer.status), answer.text);
    load.note(facts, [answer.body]);
  } else if (form === 'array') {
    const answer = await server.ask('POST', '/api/v1/facts', { token, body: facts });
    assert.equal(answer.status, 200, answer.text);
    load.note(facts, answer.body.items);
  } else {
    const answer = await server.ask('POST', '/api/v1/facts', {
      token,
      raw: facts.map((fact) => `${JSON.stringify(fact)}\n`).join(''),
      headers: { 'content-type': 'application/x-ndjson' },
    });
    assert.equal(answer.status, 200, answer.text);
    load.note(facts, answer.text.trim().split('\n').map((line) => JSON.parse(line)));
  }
}

// Posts until the server is gone. A connection that breaks is what the test is about; any other
// failure is not.
async function client(server, token, load) {
  const forms = [['one', 1], ['one', 1], ['array', 20], ['lines', 200]];
  while (server.running) {
    const [form, count] = forms[load.pick(forms.length)];
    try {
      await post(server, token, load, load.facts(count), form);
    } catch (error) {
      if (error instanceof assert.AssertionError || error instanceof SyntaxError) throw error;
      return;
    }
  }
}

async function allFacts(server, token) {
  const found = new Map();
  let cursor = '';
  do {
    const path = `/api/v1/facts?limit=500${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = await server.ask('GET', path, { token });
    assert.equal(page.status, 200, page.text);
    for (const fact of page.body.items) {
      assert.ok(!found.has(fact.external_id), `${fact.external_id} is there twice`);
      found.set(fact.external_id, fact);
    }
    cursor = page.body.next;
  } while (cursor);
  return found;
}

// The totals of each partner, out of the rollups, against sums made here in whole cents.
async function totalsAreExact(server, token, load) {
  for (const partner of load.partners) {
    const facts = [...load.sent.values()].filter((fact) => fact.partner === partner);
    const orders = facts.filter((fact) => fact.kind === 'order');
    const cents = orders.reduce((sum, order) => sum + Math.round(order.amount * 100), 0);
    const calls = facts.filter((fact) => fact.kind === 'call.made').length;
    const answer = await server.ask('GET', '/api/v1/metrics/values?from=2025-12-01&to=2027-01-01' +
      `&partner=${partner}&metrics=sales,orders,calls_made`, { token });
    assert.equal(answer.status, 200, answer.text);
    const value = Object.fromEntries(answer.body.items.map((item) => [item.code, item.value]));
    assert.equal(Math.round(value.sales * 100), cents, `sales of ${partner}`);
    assert.equal(Number(value.orders), orders.length, `orders of ${partner}`);
    assert.equal(Number(value.calls_made), calls, `calls of ${partner}`);
  }
}

function doctorFindsNothing(directory) {
  const doctor = command(directory, ['doctor']);
  assert.equal(doctor.code, 0, doctor.out + doctor.err);
}

test('a killed server keeps what it acknowledged, once, with exact totals',
  { timeout: 280_000 }, async (t) => {
    const seed = Number(process.env.RAPPORT_KILL_SEED ?? Date.now() % 2 ** 32);
    t.diagnostic(`RAPPORT_KILL_SEED=${seed}`);
    const pick = random(seed);
    const directory = freshDirectory();
    t.after(() => removeDirectory(directory));
    init(directory);
    let server = await Server.start(directory);
    t.after(() => server.kill());
    const token = server.makeToken('manager');
    const names = ['One', 'Two', 'Three', 'Four', 'Five'];
    const make = async (path) =>
      Promise.all(names.map(async (name) =>
        (await server.ask('POST', path, { token, body: { name } })).body.id));
    const load = new Load(await make('/api/v1/partners'), await make('/api/v1/products'), pick);
    for (let round = 0; round < rounds; round++) {
      const running = Array.from({ length: clients }, () => client(server, token, load));
      await new Promise((resolve) => setTimeout(resolve, 100 + pick(500)));
      await server.kill();
      await Promise.all(running);
      if (round % 4 === 0) doctorFindsNothing(directory);
      server = await Server.start(directory);
    }
    t.diagnostic(`${load.sent.size} sent, ${load.acknowledged.size} acknowledged`);
    assert.ok(load.acknowledged.size > rounds * 20, 'the load was a load');
    assert.ok(load.sent.size > load.acknowledged.size, 'some were on their way');

    const found = await allFacts(server, token);
    for (const [external, id] of load.acknowledged)
      assert.equal(found.get(external)?.id, id, `${external} was acknowledged`);
    for (const [external, fact] of found) {
      const sent = load.sent.get(external);
      assert.equal(fact.kind, sent.kind, external);
      assert.equal(Date.parse(fact.at), Date.parse(sent.at), external);
      assert.equal(fact.amount ?? undefined, sent.amount, external);
    }
    doctorFindsNothing(directory);

    // Everything once more: what is there is repeated, what was lost on its way is recorded.
    const all = [...load.sent.values()];
    for (let i = 0; i < all.length; i += 1000)
      await post(server, token, load, all.slice(i, i + 1000), 'lines');
    const again = await allFacts(server, token);
    assert.equal(again.size, load.sent.size);
    for (const [external, fact] of found) assert.equal(again.get(external).id, fact.id);
    doctorFindsNothing(directory);
    await totalsAreExact(server, token, load);
  });
