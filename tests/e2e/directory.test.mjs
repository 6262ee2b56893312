// The directory over HTTP: partners, contacts, products and the organisation, by the rules.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, must, serve } from './server.mjs';

// A server, and `ask` as the administrator or as whoever `token` is.
async function begin(t) {
  const { server } = await serve(t);
  const token = server.makeToken('administrator');
  const ask = (method, path, body, headers) =>
    server.ask(method, `/api/v1${path}`, { token, body, headers });
  return { server, ask };
}

const ifMatch = (answer) => ({ 'if-match': answer.headers.get('etag') });

async function made(answering, status = 201) {
  const answer = await answering;
  assert.equal(answer.status, status, answer.text);
  return answer;
}

function refused(answer, status, code, field) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  assert.equal(answer.body.code, code);
  assert.equal(answer.body.field, field);
  assert.ok(answer.body.detail.length > 10);
}

test('a partner is made, read and changed with all its fields', async (t) => {
  const { ask } = await begin(t);
  const group = await made(ask('POST', '/partners', { name: 'Group' }));
  const draft = {
    name: 'Brakes and Gears', status: 'active', status_at: '2024-01-31T10:00:00Z',
    address_line1: '2251 Elliot Avenue', address_line2: 'Suite 4', city: 'Seattle',
    region: 'Washington', postal_code: '98104', country: 'United States',
    phone: '245-555-0173', phone2: '+43 1 58858', domain: 'https://www.brakes.example.com/x',
    primary_dns: 'NS1.example.com', secondary_dns: '2001:DB8::0:1', sla: 'Gold 4h', tier: 'Gold',
    manager: admin.email, parent: group.body.id, currency: 'usd', language: 'en',
    time_zone: 'America/Los_Angeles', note: 'likes tea\nand coffee',
    external_ids: [{ system: 'Salesforce', id: '001A' }, { system: 'hubspot', id: '7' }],
    tags: ['north', 'key account'],
  };
  const answer = await made(ask('POST', '/partners', draft));
  const partner = answer.body;
  const { id, manager, created_at, updated_at, version, ...rest } = partner;
  const { status_at, manager: given, ...kept } = draft;
  assert.ok(created_at && updated_at && given === manager.email);
  assert.match(id, /^ptn_[0-9a-z]{13}$/);
  assert.equal(manager.email, admin.email);
  assert.deepEqual(rest, {
    ...kept, country: 'US', phone: '+12455550173', phone2: '+43158858',
    domain: 'example.com', primary_dns: 'ns1.example.com', secondary_dns: '2001:db8::1',
    parent: { id: group.body.id, name: 'Group' }, currency: 'USD',
    contact: null, tags: ['key account', 'north'], moves: ['suspended', 'ended'],
    external_ids: [{ system: 'hubspot', id: '7' }, { system: 'salesforce', id: '001A' }],
    active_at: new Date(status_at).toISOString(), archived_at: null,
  });
  const read = await made(ask('GET', `/partners/${id}`), 200);
  assert.deepEqual(read.body, partner);
  assert.equal(read.headers.get('etag'), `"${version}"`);

  const changed = await made(
    ask('PATCH', `/partners/${id}`, {
      tier: null, city: 'Tacoma', parent: null, tags: ['north', 'new'],
      external_ids: [{ system: 'hubspot', id: '8' }],
    }, ifMatch(read)), 200);
  assert.equal(changed.body.tier, null);
  assert.equal(changed.body.city, 'Tacoma');
  assert.equal(changed.body.parent, null);
  assert.equal(changed.body.phone, '+12455550173');
  assert.deepEqual(changed.body.tags, ['new', 'north']);
  assert.deepEqual(changed.body.external_ids, [{ system: 'hubspot', id: '8' }]);
  assert.ok(changed.body.version > version);
});

test('two who change the same partner do not overwrite each other', async (t) => {
  const { ask } = await begin(t);
  const answer = await made(ask('POST', '/partners', { name: 'Acme' }));
  const path = `/partners/${answer.body.id}`;
  refused(await ask('PATCH', path, { city: 'Wien' }), 428, 'version_missing');
  await made(ask('PATCH', path, { city: 'Wien' }, ifMatch(answer)), 200);
  refused(await ask('PATCH', path, { city: 'Graz' }, ifMatch(answer)), 412, 'stale');
  refused(await ask('PATCH', path, { city: 'Graz' }, { 'if-match': 'W/"x"' }), 400,
    'version_invalid');
  assert.equal((await ask('GET', path)).body.city, 'Wien');
});

test('bad input gets one sentence with its field and changes nothing', async (t) => {
  const { ask } = await begin(t);
  for (const [body, code, field] of [
    [{}, 'field_missing', 'name'],
    [{ name: ' ' }, 'name_missing', 'name'],
    [{ name: 'A', phone: '12' }, 'phone_invalid', 'phone'],
    [{ name: 'A', domain: 'gmail.com' }, 'domain_invalid', 'domain'],
    [{ name: 'A', country: 'Atlantis' }, 'country_invalid', 'country'],
    [{ name: 'A', time_zone: 'Mars' }, 'time_zone_invalid', 'time_zone'],
    [{ name: 'A', manager: 'nobody' }, 'manager_invalid', 'manager'],
    [{ name: 'A', parent: 'Nobody' }, 'parent_invalid', 'parent'],
    [{ name: 'A', nonsense: 1 }, 'field_unknown', 'nonsense'],
    [{ name: 'A', tags: ['a,b'] }, 'tag_invalid', 'tag'],
  ])
    refused(await ask('POST', '/partners', body), 400, code, field);
  const list = await made(ask('GET', '/partners'), 200);
  assert.deepEqual(list.body.items, []);
});

test('an external id is of one partner, and a failed create leaves none', async (t) => {
  const { ask } = await begin(t);
  const external_ids = [{ system: 'crm', id: '1' }];
  await made(ask('POST', '/partners', { name: 'First', external_ids }));
  refused(await ask('POST', '/partners', { name: 'Second', external_ids }), 409,
    'external_id_taken', 'external_ids');
  const list = await made(ask('GET', '/partners'), 200);
  assert.equal(list.body.items.length, 1);
});

test('a retried create with the same key makes one partner', async (t) => {
  const { ask } = await begin(t);
  const headers = { 'idempotency-key': 'once' };
  const first = await made(ask('POST', '/partners', { name: 'Once' }, headers));
  const again = await made(ask('POST', '/partners', { name: 'Once' }, headers));
  assert.equal(again.body.id, first.body.id);
  assert.equal((await ask('GET', '/partners')).body.items.length, 1);
});

test('status moves by the table, archive and restore come back', async (t) => {
  const { server, ask } = await begin(t);
  let answer = await made(ask('POST', '/partners', { name: 'Acme' }));
  const path = `/partners/${answer.body.id}`;
  const move = (status, as = ask) => as('POST', `${path}/status`, { status }, ifMatch(answer));
  refused(await move('suspended'), 409, 'status_move', 'status');
  answer = await made(move('active'), 200);
  assert.equal(answer.body.status, 'active');
  assert.ok(answer.body.active_at);
  answer = await made(move('ended'), 200);
  assert.deepEqual(answer.body.moves, ['prospect', 'onboarding']);
  const token = server.makeToken('manager');
  const asManager = (method, at, body, headers) =>
    server.ask(method, `/api/v1${at}`, { token, body, headers });
  refused(await move('onboarding', asManager), 403, 'status_role', 'status');
  assert.deepEqual((await asManager('GET', path)).body.moves, []);
  answer = await made(move('onboarding'), 200);
  answer = await made(ask('POST', `${path}/archive`, undefined, ifMatch(answer)), 200);
  assert.ok(answer.body.archived_at);
  assert.deepEqual((await ask('GET', '/partners')).body.items, []);
  answer = await made(ask('POST', `${path}/restore`, undefined, ifMatch(answer)), 200);
  assert.equal(answer.body.archived_at, null);
});

test('tags are put on and taken off by their path', async (t) => {
  const { ask } = await begin(t);
  const { id } = (await made(ask('POST', '/partners', { name: 'Acme' }))).body;
  const tag = encodeURIComponent('key account ö');
  const put = await made(ask('PUT', `/partners/${id}/tags/${tag}`), 200);
  assert.deepEqual(put.body.tags, ['key account ö']);
  const gone = await made(ask('DELETE', `/partners/${id}/tags/${tag}`), 200);
  assert.deepEqual(gone.body.tags, []);
});

test('the first contact is the primary one and stands in the record', async (t) => {
  const { ask } = await begin(t);
  const { id } = (await made(ask('POST', '/partners', { name: 'Acme', country: 'AT' }))).body;
  const eva = await made(ask('POST', `/partners/${id}/contacts`, {
    name: 'Eva Huber', title: 'CEO', email: 'eva@Example.com', phone: '01 58858',
    external_id: { system: 'crm', id: '5' },
  }));
  assert.equal(eva.body.is_primary, true);
  assert.equal(eva.body.phone, '+43158858');
  const max = await made(ask('POST', `/partners/${id}/contacts`, { email: 'max@example.com' }));
  assert.equal(max.body.name, 'max@example.com');
  assert.equal((await ask('GET', `/partners/${id}`)).body.contact.name, 'Eva Huber');
  await made(ask('PATCH', `/contacts/${max.body.id}`, { is_primary: true }, ifMatch(max)), 200);
  assert.equal((await ask('GET', `/partners/${id}`)).body.contact.id, max.body.id);
  const list = await made(ask('GET', `/partners/${id}/contacts`), 200);
  assert.deepEqual(list.body.items.map((each) => each.is_primary), [false, true]);
  const now = await ask('GET', `/contacts/${max.body.id}`);
  await made(ask('POST', `/contacts/${max.body.id}/archive`, undefined, ifMatch(now)), 200);
  assert.equal((await ask('GET', `/partners/${id}`)).body.contact.id, eva.body.id);
  const archived = await ask('GET', `/partners/${id}/contacts?archived=true`);
  assert.deepEqual(archived.body.items.map((each) => each.id), [max.body.id]);
});

test('history says who changed what, with its contacts and products', async (t) => {
  const { ask } = await begin(t);
  const answer = await made(ask('POST', '/partners', { name: 'Acme', city: 'Wien' }));
  const path = `/partners/${answer.body.id}`;
  await made(ask('PATCH', path, { city: 'Graz' }, ifMatch(answer)), 200);
  await made(ask('POST', `${path}/contacts`, { name: 'Eva' }));
  const product = await made(ask('POST', '/products', { name: 'Frame' }));
  await made(ask('PUT', `${path}/products/${product.body.id}`), 204);
  const first = await made(ask('GET', `${path}/history?limit=3`), 200);
  assert.deepEqual(first.body.items.map((each) => `${each.subject} ${each.action}`),
    ['partner changed', 'contact created', 'partner changed']);
  assert.deepEqual(first.body.items[0].changes, { products: { old: '', new: 'Frame' } });
  assert.deepEqual(first.body.items[2].changes, { city: { old: 'Wien', new: 'Graz' } });
  assert.match(first.body.items[2].actor, /administrator/);
  const rest = await ask('GET', `${path}/history?limit=3&cursor=${first.body.next}`);
  assert.deepEqual(rest.body.items.map((each) => each.action), ['created']);
  assert.equal(rest.body.next, null);
  const all = await made(ask('GET', '/history'), 200);
  const subjects = all.body.items.map((each) => each.subject);
  for (const subject of ['partner', 'contact', 'product', 'token', 'user', 'organisation'])
    assert.ok(subjects.includes(subject), subject);
});

test('products are made, changed, carried and archived', async (t) => {
  const { ask } = await begin(t);
  const { id } = (await made(ask('POST', '/partners', { name: 'Acme' }))).body;
  const frame = await made(ask('POST', '/products', {
    name: 'HL Road Frame', code: 'FR-1', category: 'Components', cost: '868.63', currency: 'USD',
    external_id: { system: 'aw', id: '210' },
  }));
  assert.equal(frame.body.cost, '868.63');
  assert.deepEqual(frame.body.external_ids, [{ system: 'aw', id: '210' }]);
  refused(await ask('POST', '/products', { name: 'Other', code: 'FR-1' }), 409, 'code_taken',
    'code');
  const path = `/products/${frame.body.id}`;
  const changed = await made(ask('PATCH', path, { cost: '900' }, ifMatch(frame)), 200);
  assert.equal(changed.body.cost, '900.00');
  refused(await ask('PATCH', path, { cost: '901' }, ifMatch(frame)), 412, 'stale');
  await made(ask('PUT', `/partners/${id}${path}`), 204);
  const carried = await made(ask('GET', `/partners/${id}/products`), 200);
  assert.deepEqual(carried.body.items.map((each) => each.name), ['HL Road Frame']);
  await made(ask('DELETE', `/partners/${id}${path}`), 204);
  assert.deepEqual((await ask('GET', `/partners/${id}/products`)).body.items, []);
  await made(ask('POST', `${path}/archive`, undefined, ifMatch(changed)), 200);
  assert.deepEqual((await ask('GET', '/products')).body.items, []);
  assert.equal((await ask('GET', '/products?archived=true&prefix=hl%20r')).body.items.length, 1);
});

test('the organisation has one point of contact that every partner sees', async (t) => {
  const { server, ask } = await begin(t);
  const before = await made(ask('GET', '/organisation'), 200);
  const changed = await made(ask('PATCH', '/organisation', {
    contact_name: 'Ida Info', contact_phone: '01 58858', contact_email: 'partners@example.com',
  }, ifMatch(before)), 200);
  const point = { name: 'Ida Info', phone: '+43158858', email: 'partners@example.com' };
  assert.deepEqual(changed.body.point_of_contact, point);
  refused(await ask('PATCH', '/organisation', { name: 'X' }, ifMatch(before)), 412, 'stale');
  refused(await ask('PATCH', '/organisation', { currency: 'XXZ' }, ifMatch(changed)), 400,
    'currency_invalid', 'currency');

  const draft = { name: 'Acme', note: 'slow payer', tags: ['at risk'] };
  const { id } = (await made(ask('POST', '/partners', draft))).body;
  const token = server.makeToken('partner', 'read', ['--partner', id]);
  const seen = await server.ask('GET', '/api/v1/organisation', { token });
  assert.deepEqual(seen.body.point_of_contact, point);
  assert.equal(seen.body.default_manager, null);
  const own = await server.ask('GET', `/api/v1/partners/${id}`, { token });
  assert.equal(own.body.manager.email, admin.email);
  assert.equal(own.body.note, null);
  assert.deepEqual(own.body.tags, []);
});

test('the shell does what the routes do', async (t) => {
  const { server, ask } = await begin(t);
  const shell = (...args) => must(server.directory, args);
  const added = JSON.parse(shell('partner', 'add', 'Brakes and Gears', '--country', 'US', '--phone',
    '245-555-0173', '--status', 'active', '--since', '2024-01-31', '--external', 'aw:12',
    '--tag', 'north', '--json'));
  assert.deepEqual((await ask('GET', `/partners/${added.id}`)).body, added);
  assert.equal(added.active_at, '2024-01-31T00:00:00.000Z');
  shell('partner', 'set', 'brakes & gears', '--tier', 'Gold', '--city=Seattle');
  shell('contact', 'add', 'aw:12', '--name', 'Eva Huber', '--external', 'aw:1');
  shell('contact', 'set', 'aw:1', '--title', 'CEO');
  shell('product', 'add', 'Frame', '--code', 'F1', '--cost', '12.5');
  shell('organisation', 'set', '--contact-name', 'Ida Info');
  const partner = (await ask('GET', `/partners/${added.id}`)).body;
  assert.equal(partner.tier, 'Gold');
  assert.equal(partner.contact.title, 'CEO');
  assert.match(shell('partner', 'show', 'aw:12'), /^phone +\+1 245-555-0173$/m);
  assert.match(shell('partner', 'history', 'aw:12'), /shell:\S+ +partner +changed +city: Seattle; tier: Gold/);
  assert.match(shell('product', 'carry', 'aw:12', 'F1', '--csv'), /^Frame,F1,/m);
  assert.equal((await ask('GET', `/partners/${added.id}/products`)).body.items.length, 1);
  assert.doesNotMatch(shell('product', 'carry', 'aw:12', 'F1', '--no-longer', '--csv'), /Frame/);
  assert.match(shell('history'), /organisation +changed/);
  assert.match(shell('product', 'list', '--csv'), /^Frame,F1,,,12.50,EUR,prd_/m);
  assert.match(shell('contact', 'list', 'aw:12'), /Eva Huber +CEO/);
  shell('partner', 'archive', 'aw:12');
  assert.ok((await ask('GET', `/partners/${added.id}`)).body.archived_at);
});
