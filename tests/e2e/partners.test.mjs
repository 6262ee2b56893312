// Partners over HTTP and in the shell: the list, actions on many, duplicates, merging, a person's
// rights.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { admin, command, freshDirectory, must, removeDirectory, serve } from './server.mjs';

async function begin(t) {
  const { server } = await serve(t);
  const token = server.makeToken('administrator');
  const ask = async (method, path, body, status = 200) => {
    const answer = await server.ask(method, `/api/v1${path}`, { token, body });
    assert.equal(answer.status, status, answer.text);
    return answer;
  };
  const add = async (name, rest = {}) =>
    (await ask('POST', '/partners', { name, ...rest }, 201)).body;
  return { server, directory: server.directory, ask, add };
}

const names = (answer) => answer.body.items.map((row) => row.name);

test('the list is searched, filtered, sorted and paged', async (t) => {
  const { ask, add } = await begin(t);
  await add('Café Müller', { country: 'AT', tags: ['vip'], domain: 'mueller.example' });
  await add('Bike Works', { country: 'US', status: 'active' });
  await add('Bike Sea', { country: 'US' });
  assert.deepEqual(names(await ask('GET', '/partners')), ['Bike Sea', 'Bike Works', 'Café Müller']);
  assert.deepEqual(names(await ask('GET', '/partners?search=muller%20cafe')), ['Café Müller']);
  assert.deepEqual(names(await ask('GET', '/partners?search=mueller.example')), ['Café Müller']);
  assert.deepEqual(names(await ask('GET', '/partners?country=US&sort=-name')),
    ['Bike Works', 'Bike Sea']);
  assert.deepEqual(names(await ask('GET', '/partners?status=active,ended')), ['Bike Works']);
  assert.deepEqual((await ask('GET', '/partners/count?tag=vip')).body, { count: 1 });
  const first = await ask('GET', '/partners?limit=2');
  const second = await ask('GET', `/partners?limit=2&cursor=${first.body.next}`);
  assert.deepEqual(names(second), ['Café Müller']);
  assert.equal(second.body.next, null);
  assert.equal((await ask('GET', '/partners?sort=size', undefined, 400)).body.field, 'sort');
  const sorted = await ask('GET', '/partners?sort=-orders&limit=1');
  assert.deepEqual(sorted.body.items[0].metric.value, null);
});

test('the list shows the metrics that are asked for, whatever it is ordered by', async (t) => {
  const { ask, add } = await begin(t);
  const a = await add('Alpha');
  await add('Beta');
  const fact = { kind: 'order', partner: a.id, source: 'shop', external_id: '1',
    at: new Date().toISOString(), quantity: '2', amount: '12.50', currency: 'EUR' };
  await ask('POST', '/facts', [fact]);
  const { items } = (await ask('GET', '/partners?metrics=sales,orders')).body;
  assert.deepEqual(items[0].metrics, [
    { code: 'sales', value: '12.50', currency: 'EUR' },
    { code: 'orders', value: '1', currency: null },
  ]);
  assert.equal(items[1].metrics[0].value, null);
  assert.equal((await ask('GET', '/partners')).body.items[0].metrics, undefined);
  assert.equal((await ask('GET', '/partners?metrics=size', undefined, 400)).body.field, 'metrics');
  const many = 'metrics=sales,orders,aov,units,sales,orders';
  assert.equal((await ask('GET', `/partners?${many}`, undefined, 400)).body.field, 'metrics');
});

test('the filtered list is exported for a spreadsheet', async (t) => {
  const { ask, add } = await begin(t);
  await add('=cmd()', { city: 'Wien, Neubau', phone: '+4315333318' });
  await add('Other', { country: 'US' });
  const answer = await ask('GET', '/partners/export?country=AT');
  const lines = answer.text.split('\r\n');
  assert.match(answer.headers.get('content-type'), /^text\/csv/);
  assert.match(lines[0], /^id,name,status,/);
  assert.match(lines[1], /,'=cmd\(\),prospect,,"Wien, Neubau",/);
  assert.match(lines[1], /,\+4315333318,/);
  assert.equal(lines.length, 3);
});

test('no way out as CSV lets a spreadsheet run what a partner is called', async (t) => {
  const { directory, add } = await begin(t);
  await add('=HYPERLINK("http://evil.example")');
  const out = freshDirectory();
  t.after(() => removeDirectory(out));
  must(directory, ['export', join(out, 'all')]);
  const exported = readFileSync(join(out, 'all', 'partners.csv'), 'utf8');
  for (const text of [must(directory, ['partner', 'list', '--csv']), exported]) {
    assert.ok(text.includes(`"'=HYPERLINK(`), text);
    assert.doesNotMatch(text, /(^|,)"?=/m);
  }
});

test('one action changes many partners, or none', async (t) => {
  const { server, ask, add } = await begin(t);
  const a = await add('Alpha', { status: 'active' });
  const b = await add('Beta');
  const ids = [a.id, b.id];
  const assigned = await ask('POST', '/partners/assign', { ids, manager: admin.email });
  assert.deepEqual(assigned.body, { partners: 2, changed: 0, undo: null });
  const tagged = await ask('POST', '/partners/tags', { filter: { search: 'a' }, add: ['x'] });
  assert.equal(tagged.body.changed, 1);
  assert.deepEqual((await ask('GET', `/partners/${a.id}`)).body.tags, ['x']);
  const { undo } = tagged.body;
  const undone = await ask('POST', '/partners/undo', { undo });
  assert.equal(undone.body.changed, 1);
  assert.deepEqual((await ask('GET', `/partners/${a.id}`)).body.tags, []);
  await ask('POST', '/partners/undo', { undo: undone.body.undo });
  assert.deepEqual((await ask('GET', `/partners/${a.id}`)).body.tags, ['x']);
  await ask('POST', '/partners/undo', { undo: 'aud_1' }, 400);
  const other = server.makeToken('manager');
  const foreign = await server.ask('POST', '/api/v1/partners/undo', { token: other, body: { undo } });
  assert.equal(foreign.body.code, 'undo_not_found');
  const answer = await ask('POST', '/partners/status', { ids, status: 'suspended' }, 409);
  assert.match(answer.body.detail, /^Beta: /);
  assert.equal((await ask('GET', `/partners/${a.id}`)).body.status, 'active');
  await ask('POST', '/partners/status', { status: 'active' }, 400);
});

test('a duplicate is shown, judged, and merged with nothing lost', async (t) => {
  const { directory, ask, add } = await begin(t);
  const external_ids = [{ system: 'crm', id: '1' }];
  const a = await add('Contoso GmbH', { phone: '+43158858', external_ids });
  const b = await add('Contoso Ltd', { tier: 'Gold' });
  const pair = (await ask('GET', '/duplicates')).body.items[0];
  assert.deepEqual(pair.reasons, ['name']);
  await ask('POST', `/duplicates/${pair.id}/dismiss`, undefined, 204);
  assert.deepEqual((await ask('GET', '/duplicates')).body.items, []);
  await ask('POST', `/duplicates/${pair.id}/reopen`, undefined, 204);
  await ask('POST', `/partners/${a.id}/contacts`, { name: 'Eva' }, 201);
  const merged = await ask('POST', `/partners/${a.id}/merge`, { into: b.id });
  assert.equal(merged.body.phone, '+43158858');
  assert.equal(merged.body.tier, 'Gold');
  assert.equal(merged.body.contact.name, 'Eva');
  assert.deepEqual(merged.body.external_ids, [{ system: 'crm', id: '1' }]);
  assert.equal((await ask('GET', `/partners/${a.id}`)).body.id, b.id);
  await ask('POST', `/partners/${a.id}/merge`, { into: b.id }, 409);
  assert.deepEqual(names(await ask('GET', '/partners')), ['Contoso Ltd']);
  assert.match(must(directory, ['partner', 'list', '--search', 'contoso', '--csv']), /Contoso Ltd/);
  assert.equal(command(directory, ['partner', 'merge', b.id, b.id]).code, 5);
});

test('a person gets what is kept, and is forgotten', async (t) => {
  const { ask, add } = await begin(t);
  const partner = await add('Alpha');
  const contact = (await ask('POST', `/partners/${partner.id}/contacts`,
    { name: 'Eva Huber', email: 'eva@example.org' }, 201)).body;
  const kept = (await ask('GET', `/contacts/${contact.id}/personal-data`)).body;
  assert.equal(kept.contact.email, 'eva@example.org');
  assert.equal(kept.history[0].action, 'created');
  assert.deepEqual(kept.facts, []);
  const erased = (await ask('POST', `/contacts/${contact.id}/erase`)).body;
  assert.ok(erased.erased_at);
  const left = await ask('GET', `/contacts/${contact.id}/personal-data`);
  assert.doesNotMatch(left.text, /Huber|eva@/);
  assert.deepEqual(names(await ask('GET', '/partners?search=huber')), []);
});
