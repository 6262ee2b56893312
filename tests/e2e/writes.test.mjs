// Repeated calls count once, and two people never overwrite each other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from './server.mjs';

function create(server, token, name, key) {
  const headers = key ? { 'idempotency-key': key } : {};
  return server.ask('POST', '/api/v1/partners', { token, headers, body: { name } });
}

async function partnersNamed(server, token, name) {
  const found = await server.ask('GET', `/api/v1/partners?search=${encodeURIComponent(name)}`, { token });
  assert.equal(found.status, 200, found.text);
  return found.body.items.filter((partner) => partner.name === name);
}

test('a call that is repeated with its key gets the first answer', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  const first = await create(server, token, 'Once Ltd', 'key-1');
  assert.equal(first.status, 201);
  assert.equal(first.headers.get('idempotency-replayed'), null);
  const again = await create(server, token, 'Once Ltd', 'key-1');
  assert.equal(again.status, 201);
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  assert.equal(again.headers.get('etag'), first.headers.get('etag'));
  assert.equal(again.text, first.text);
  assert.equal((await partnersNamed(server, token, 'Once Ltd')).length, 1);
});

test('a key belongs to one request of one caller', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  const first = await create(server, token, 'First Ltd', 'key-1');
  const other = await create(server, token, 'Other Ltd', 'key-1');
  assert.equal(other.status, 409);
  assert.equal(other.body.code, 'idempotency_reused');
  const stranger = await create(server, server.makeToken('administrator'), 'Mine Ltd', 'key-1');
  assert.equal(stranger.status, 201);
  assert.notEqual(stranger.body.id, first.body.id);
});

test('a key belongs to one token, whatever the token is called', async (t) => {
  const { server } = await serve(t);
  const [one, other] = [server.makeToken('manager'), server.makeToken('manager')];
  const first = await create(server, one, 'Mine Ltd', 'key-1');
  const second = await create(server, other, 'Mine Ltd', 'key-1');
  assert.equal(second.status, 201, second.text);
  assert.equal(second.headers.get('idempotency-replayed'), null);
  assert.notEqual(second.body.id, first.body.id);
});

test('a key belongs to one path', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  const [{ body: one }, { body: other }] = [
    await create(server, token, 'One Ltd'), await create(server, token, 'Other Ltd')];
  const add = (partner) => server.ask('POST', `/api/v1/partners/${partner.id}/contacts`, {
    token, headers: { 'idempotency-key': 'key-1' }, body: { name: 'Eva' } });
  assert.equal((await add(one)).status, 201);
  assert.equal((await add(other)).body.code, 'idempotency_reused');
  assert.equal((await add(one)).headers.get('idempotency-replayed'), 'true');
});

test('a call that failed may be repeated with its key once it is right', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  assert.equal((await create(server, token, '', 'key-1')).status, 400);
  assert.equal((await create(server, token, 'Right Ltd', 'key-1')).status, 201);
});

test('a key that is no key is refused, and one beside a secret too', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('administrator');
  assert.equal((await create(server, token, 'X Ltd', 'a b')).status, 400);
  assert.equal((await create(server, token, 'X Ltd', 'x'.repeat(129))).status, 400);
  const secret = await server.ask('POST', '/api/v1/tokens', {
    token, headers: { 'idempotency-key': 'k' },
    body: { name: 'x', role: 'analyst', scopes: ['read'] },
  });
  assert.equal(secret.body.code, 'idempotency_key');
});

test('an upload takes no key, so that no file is answered for another', async (t) => {
  const { server } = await serve(t);
  const answer = await server.ask('POST', '/api/v1/imports?name=a.csv', {
    token: server.makeToken('manager'),
    headers: { 'idempotency-key': 'k', 'content-type': 'text/csv' }, body: 'Name\nA\n',
  });
  assert.equal(answer.status, 400, answer.text);
  assert.equal(answer.body.code, 'idempotency_key');
});

test('of many equal calls at once exactly one counts', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => create(server, token, 'Rush Ltd', 'key-1')));
  assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [201]);
  assert.equal(new Set(answers.map((answer) => answer.body.id)).size, 1);
  const replayed = answers.filter((answer) => answer.headers.get('idempotency-replayed'));
  assert.equal(replayed.length, 39);
  assert.equal((await partnersNamed(server, token, 'Rush Ltd')).length, 1);
});

test('a change needs the version that it was made to', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  const { body: partner, headers } = await create(server, token, 'Version Ltd');
  const path = `/api/v1/partners/${partner.id}`;
  const change = (tag, name) => server.ask('PATCH', path, {
    token, headers: tag === undefined ? {} : { 'if-match': tag }, body: { name },
  });
  assert.equal((await change(undefined, 'No')).status, 428);
  assert.equal((await change('7', 'No')).status, 400);
  assert.equal((await change('"999"', 'No')).status, 412);
  const read = await server.ask('GET', path, { token });
  assert.equal(read.headers.get('etag'), headers.get('etag'));
  assert.equal(read.body.name, 'Version Ltd');
  const changed = await change(read.headers.get('etag'), 'Changed Ltd');
  assert.equal(changed.status, 200, changed.text);
  assert.notEqual(changed.headers.get('etag'), read.headers.get('etag'));
  assert.equal((await change(read.headers.get('etag'), 'Late Ltd')).status, 412);
});

test('of many changes to one version exactly one is made', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  const { body: partner, headers } = await create(server, token, 'Contested Ltd');
  const path = `/api/v1/partners/${partner.id}`;
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) =>
    server.ask('PATCH', path, {
      token, headers: { 'if-match': headers.get('etag') }, body: { name: `Winner ${i}` },
    })));
  const won = answers.filter((answer) => answer.status === 200);
  assert.equal(won.length, 1);
  assert.equal(answers.filter((answer) => answer.status === 412).length, 19);
  const read = await server.ask('GET', path, { token });
  assert.equal(read.body.name, won[0].body.name);
});

test('a request that is refused in the middle changes nothing', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  const bad = await server.ask('POST', '/api/v1/partners', {
    token, body: { name: 'Half Ltd', country: 'AT', phone: 'no phone' },
  });
  assert.equal(bad.status, 400);
  assert.equal(bad.body.field, 'phone');
  assert.deepEqual(await partnersNamed(server, token, 'Half Ltd'), []);
});
