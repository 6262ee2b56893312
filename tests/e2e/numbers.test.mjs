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
  await order(partners[0], now - 7 * DAY_MS - 120_000, '10.00');
  await order(partners[1], now - 7 * DAY_MS + 180_000, '1.00');
  const { body } = await get('/pulse');
  assert.equal(numberOf(body.today, 'orders'), '1');
  assert.equal(numberOf(body.today, 'sales'), '12.50');
  // "So far" is in whole minutes. Right at midnight the others belong to another day.
  const atMidnight = new Date(now).toLocaleTimeString('de', { timeZone: 'Europe/Vienna' });
  if (!/^(00:0|23:5)/.test(atMidnight)) {
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

test('values and series stand beside those of the window before', async (t) => {
  const { get, order, partners } = await begin(t, ['One']);
  await order(partners[0], '2024-03-05T10:00:00Z', '30.00');
  await order(partners[0], '2024-04-05T10:00:00Z', '40.00');
  const window = 'metrics=sales&from=2024-04-01&to=2024-05-01';
  const alone = (await get(`/metrics/values?${window}`)).body;
  assert.ok(!('previous' in alone.items[0]) && !('previous_window' in alone));
  const { body } = await get(`/metrics/values?${window}&compare=previous`);
  assert.deepEqual(body.previous_window, { from: '2024-03-01', to: '2024-04-01' });
  assert.equal(body.items[0].value, '40.00');
  assert.equal(body.items[0].previous.value, '30.00');
  const facts = await get(body.items[0].previous.facts.replace('/api/v1', ''));
  assert.equal(facts.body.items[0].amount, '30.00');
  const before = await get('/metrics/values?metrics=sales&from=2024-03-01&to=2024-04-01&compare=previous');
  assert.equal(before.body.items[0].previous, null);
  const series = (await get(`/metrics/series?${window}&by=week&compare=previous`)).body.items[0];
  assert.deepEqual(series.previous.map((point) => point.value), ['0.00', '30.00', '0.00', '0.00', '0.00']);
  assert.equal((await get(`/metrics/values?${window}&compare=next`)).status, 400);
});

test('partners are ranked from the top and from the bottom, and cursors do not mix', async (t) => {
  const { get, order, partners } = await begin(t, ['A', 'B', 'C']);
  const amounts = ['2.00', '1.00', '2.00'];
  for (const i of [0, 1, 2]) await order(partners[i], '2024-04-05T10:00:00Z', amounts[i]);
  const path = '/metrics/sales/partners?from=2024-04-01&to=2024-05-01&limit=1';
  const walk = async (order) => {
    const names = [];
    for (let cursor = ''; cursor !== null;) {
      const { body } = await get(`${path}&order=${order}${cursor && `&cursor=${cursor}`}`);
      names.push(body.items[0].partner_name);
      cursor = body.next;
    }
    return names.join('');
  };
  assert.equal(await walk('highest'), 'ACB');
  assert.equal(await walk('lowest'), 'BAC');
  const { next } = (await get(path)).body;
  assert.equal((await get(`${path}&order=lowest&cursor=${next}`)).status, 400);
});
