// Saved views over HTTP: a person's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, serve } from './server.mjs';

test('a signed-in user saves, renames, replaces and deletes views; a token has none', async (t) => {
  const { server, password } = await serve(t);
  const { cookie } = await server.signIn(admin.email, password);
  const ask = (method, path, body, headers) =>
    server.ask(method, `/api/v1${path}`, { cookie, body, headers });
  const draft = { list: 'partners', name: 'Gold', query: 'tier=gold&sort=-sales' };
  const made = await ask('POST', '/views', draft);
  assert.equal(made.status, 201, made.text);
  assert.match(made.body.id, /^vew_/);
  assert.equal((await ask('POST', '/views', draft)).body.code, 'view_exists');
  assert.equal((await ask('POST', '/views', { ...draft, name: 'Long', query: 'x'.repeat(2049) })).status, 400);
  const path = `/views/${made.body.id}`;
  const ifMatch = (answer) => ({ 'if-match': answer.headers.get('etag') });
  const renamed = await ask('PATCH', path, { name: 'Best' }, ifMatch(made));
  assert.equal(renamed.status, 200, renamed.text);
  assert.equal(renamed.body.query, draft.query);
  assert.equal((await ask('PATCH', path, { name: 'Late' }, ifMatch(made))).status, 412);
  assert.deepEqual((await ask('GET', '/views?list=partners')).body.items.map((view) => view.name), ['Best']);
  assert.deepEqual((await ask('GET', '/views?list=facts')).body.items, []);

  const token = server.makeToken('administrator');
  const refused = await server.ask('GET', '/api/v1/views', { token });
  assert.equal(refused.status, 400);
  assert.equal(refused.body.code, 'views_of_users');
  assert.equal((await server.ask('DELETE', `/api/v1${path}`, { token })).body.code, 'views_of_users');
  assert.equal((await ask('DELETE', path)).status, 204);
  assert.equal((await ask('DELETE', path)).status, 404);
});
