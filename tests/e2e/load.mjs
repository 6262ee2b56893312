// Facts that are sent, what of them was acknowledged, and whether all of that is there afterwards.
import assert from 'node:assert/strict';
import { command } from './server.mjs';

const day = 86_400_000;
const kinds = ['order', 'item', 'call.made', 'visit', 'cost', 'deal.won', 'display.on'];
const withAmount = ['order', 'item', 'cost', 'deal.won'];
const withProduct = ['item', 'display.on'];

// A seed that is printed, so that a failure can be repeated.
export function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export class Load {
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
export async function post(server, token, load, facts, form) {
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

export async function allFacts(server, token) {
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
export async function totalsAreExact(server, token, load) {
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

export function doctorFindsNothing(directory, env) {
  const doctor = command(directory, ['doctor'], { env });
  assert.equal(doctor.code, 0, doctor.out + doctor.err);
}

// What was acknowledged is there with its id, and as it was sent.
export function acknowledgedAreThere(found, load) {
  for (const [external, id] of load.acknowledged)
    assert.equal(found.get(external)?.id, id, `${external} was acknowledged`);
  for (const [external, fact] of found) {
    const sent = load.sent.get(external);
    assert.equal(fact.kind, sent.kind, external);
    assert.equal(Date.parse(fact.at), Date.parse(sent.at), external);
    assert.equal(fact.amount ?? undefined, sent.amount, external);
  }
}

// Five partners and five products to record facts of.
export async function makeLoad(server, token, pick) {
  const names = ['One', 'Two', 'Three', 'Four', 'Five'];
  const make = async (path) =>
    Promise.all(names.map(async (name) =>
      (await server.ask('POST', path, { token, body: { name } })).body.id));
  return new Load(await make('/api/v1/partners'), await make('/api/v1/products'), pick);
}
