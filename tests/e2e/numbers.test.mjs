// Numbers over HTTP beyond the catalogue: today's pulse.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from './server.mjs';

const DAY_MS = 24 * 3600 * 1000;

// A server with its partners and `get`, `post` as a manager.
async function begin(t, names) {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  const post = async (path, body) => {
    const answer = await server.ask('POST', `/api/v1${path}`, { token, body });
    assert.equal(answer.status, 201, answer.text);
    return answer.body;
  };
  const get = (path) => server.ask('GET', `/api/v1${path}`, { token });
  const partners = [];
  for (const name of names) partners.push((await post('/partners', { name })).id);
  let next = 0;
  const order = (partner, at, amount = '10.00') =>
    post('/facts', {
      partner, kind: 'order', at: new Date(at).toISOString(), amount, currency: 'EUR',
      source: 'e2e', external_id: `${next++}`,
    });
  return { server, get, post, order, partners };
}

const numberOf = (values, code) => values.items.find((item) => item.code === code).value;

test('the pulse is today so far beside last week until now and the whole day', async (t) => {
  const { server, get, order, partners } = await begin(t, ['One', 'Two']);
  const empty = await get('/pulse');
  assert.equal(empty.status, 200, empty.text);
  assert.equal(numberOf(empty.body.today, 'orders'), null);
  assert.equal(empty.body.last_recorded_at, null);
  const now = Date.now();
  await order(partners[0], now, '12.50');
  await order(partners[0], now - 7 * DAY_MS - 2000, '10.00');
  await order(partners[1], now - 7 * DAY_MS + 60_000, '1.00');
  const { body } = await get('/pulse');
  assert.equal(numberOf(body.today, 'orders'), '1');
  assert.equal(numberOf(body.today, 'sales'), '12.50');
  // Right at midnight the order of two seconds before belongs to another day.
  const atMidnight = new Date(now).toLocaleTimeString('de', { timeZone: 'Europe/Vienna' });
  if (!/^(00:00|23:5)/.test(atMidnight)) {
    assert.equal(numberOf(body.last_week_so_far, 'sales'), '10.00');
    assert.equal(numberOf(body.last_week, 'orders'), '2');
  }
  assert.equal(body.day, new Date(now).toLocaleDateString('sv', { timeZone: 'Europe/Vienna' }));
  assert.ok(Math.abs(Date.parse(body.last_recorded_at) - now) < 60_000);
  assert.equal(body.today.items.length, body.last_week_so_far.items.length);

  const token = server.makeToken('partner', 'read', ['--partner', partners[1]]);
  const own = await server.ask('GET', '/api/v1/pulse', { token });
  assert.equal(own.status, 200, own.text);
  assert.equal(numberOf(own.body.today, 'orders'), '0');
  assert.equal(own.body.last_recorded_at, null);
  assert.equal((await server.ask('GET', '/api/v1/pulse?tier=gold', { token })).status, 403);
});
