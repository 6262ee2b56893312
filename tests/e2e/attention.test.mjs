// Who needs attention, over HTTP and in the shell.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { must, serve } from './server.mjs';

const DAY_MS = 24 * 3600 * 1000;

test('a silent partner is called for with its reason until it orders again', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  const ask = (method, path, body) => server.ask(method, `/api/v1${path}`, { token, body });
  const empty = await ask('GET', '/attention/summary');
  assert.equal(empty.status, 200, empty.text);
  assert.equal(empty.body.total, 0);
  assert.match(empty.body.reasons.find((row) => row.code === 'silent').not_judged, /No source/);

  const partner = (await ask('POST', '/partners', { name: 'Quiet' })).body;
  let next = 0;
  const order = (daysAgo, amount) =>
    ask('POST', '/facts', {
      partner: partner.id, kind: 'order', at: new Date(Date.now() - daysAgo * DAY_MS).toISOString(),
      amount, currency: 'EUR', source: 'e2e', external_id: `${next++}`,
    });
  for (const daysAgo of [60, 50, 40, 30]) await order(daysAgo, '100.00');
  const busy = (await ask('POST', '/partners', { name: 'Busy' })).body;
  await ask('POST', '/facts', {
    partner: busy.id, kind: 'order', at: new Date(Date.now() - DAY_MS).toISOString(),
    amount: '1.00', currency: 'EUR', source: 'e2e', external_id: 'busy',
  });

  const { body } = await ask('GET', '/attention');
  assert.equal(body.items.length, 1);
  const [item] = body.items;
  assert.equal(item.partner.name, 'Quiet');
  assert.equal(item.at_stake, '200.00');
  assert.equal(item.at_stake_reporting, '200.00');
  const silent = item.reasons.find((row) => row.code === 'silent');
  assert.match(silent.sentence, /^No order for 30 days; it usually orders every 10\.0 days/);
  const facts = await ask('GET', silent.link.replace('/api/v1', ''));
  assert.equal(facts.status, 200, facts.text);
  assert.equal(facts.body.items.length, 4);
  assert.equal((await ask('GET', '/attention?reasons=no_action,duplicate')).body.items.length, 0);
  assert.equal((await ask('GET', '/attention?reasons=tired')).status, 400);
  assert.equal((await ask('GET', `/attention?manager=${partner.manager.id}`)).body.items.length, 1);
  const shell = JSON.parse(must(server.directory, ['attention', 'silent', '--json']));
  assert.equal(shell[0].sentence, silent.sentence);

  await order(0, '5.00');
  assert.equal((await ask('GET', '/attention?reasons=silent')).body.items.length, 0);
  const denied = server.makeToken('partner', 'read', ['--partner', partner.id]);
  for (const path of ['/api/v1/attention', '/api/v1/attention/summary'])
    assert.equal((await server.ask('GET', path, { token: denied })).status, 403);
});

test('the links of imports lead to routes', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('administrator');
  for (const what of ['unassigned', 'bad-rows']) {
    const answer = await server.ask('GET', `/api/v1/imports/imp_0000000000001/${what}`, { token });
    assert.ok(answer.status === 200 || answer.body.code === 'import_not_found', answer.text);
  }
});
