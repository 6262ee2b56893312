// Signing in and out, what a cookie and a token allow, and what another site cannot do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, command, must, serve } from './server.mjs';

test('a session begins with the right password and ends with signing out', async (t) => {
  const { server, password } = await serve(t);
  const signedIn = await server.signIn('ADA@example.com', password);
  assert.equal(signedIn.status, 201);
  assert.equal(signedIn.body.role, 'administrator');
  assert.equal(signedIn.body.email, admin.email);
  const attributes = signedIn.headers.get('set-cookie');
  assert.match(attributes, /^rapport_session=[\w-]{43}; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Strict$/);

  const { cookie } = signedIn;
  const who = await server.ask('GET', '/api/v1/session', { cookie });
  assert.equal(who.status, 200);
  assert.deepEqual(who.body, signedIn.body);
  assert.equal((await server.ask('GET', '/api/v1/session')).status, 401);

  const out = await server.ask('DELETE', '/api/v1/session', { cookie });
  assert.equal(out.status, 204);
  assert.match(out.headers.get('set-cookie'), /^rapport_session=; Path=\/; Max-Age=0; /);
  assert.equal((await server.ask('GET', '/api/v1/session', { cookie })).status, 401);
});

test('a dead cookie does not keep anybody from signing in', async (t) => {
  const { server, password } = await serve(t);
  const answer = await server.ask('POST', '/api/v1/session', {
    cookie: 'rapport_session=gone',
    body: { email: admin.email, password },
  });
  assert.equal(answer.status, 201);
});

test('a wrong password says nothing more and is limited', async (t) => {
  const { server, password } = await serve(t);
  const wrong = await server.signIn(admin.email, 'wrong password');
  const nobody = await server.signIn('nobody@example.com', 'wrong password');
  assert.equal(wrong.status, 401);
  assert.equal(wrong.headers.get('set-cookie'), null);
  assert.equal(wrong.headers.get('content-type'), 'application/problem+json');
  assert.equal(wrong.body.detail, nobody.body.detail);
  const statuses = [];
  for (let i = 0; i < 12; i++) statuses.push((await server.signIn(admin.email, 'wrong')).status);
  assert.ok(statuses.includes(429), `${statuses}`);
  assert.equal((await server.signIn(admin.email, password)).status, 429);
});

test('one client cannot lock somebody out, whatever address of its network it takes', async (t) => {
  const { server, password } = await serve(t, ['--trusted-proxy', '127.0.0.1']);
  const from = (peer, given) => server.ask('POST', '/api/v1/session', {
    headers: { 'x-forwarded-for': peer }, body: { email: admin.email, password: given } });
  const statuses = [];
  for (let i = 1; i <= 11; i++) statuses.push((await from(`2001:db8:0:1::${i}`, 'wrong')).status);
  assert.deepEqual(statuses, [...Array(10).fill(401), 429]);
  assert.equal((await from('2001:db8:0:1::99', password)).status, 429);
  assert.equal((await from('2001:db8:0:2::1', password)).status, 201);
});

test('a password can be changed by its owner only with the current one', async (t) => {
  const { server, password } = await serve(t);
  const first = await server.signIn(admin.email, password);
  const other = await server.signIn(admin.email, password);
  const change = (current_password, cookie) =>
    server.ask('PUT', '/api/v1/session/password', {
      cookie, body: { current_password, password: 'a much better one' },
    });
  const wrong = await change('not it at all', first.cookie);
  assert.equal(wrong.status, 400);
  assert.equal(wrong.body.field, 'current_password');
  const right = await change(password, first.cookie);
  assert.equal(right.status, 204);
  const again = { cookie: right.headers.get('set-cookie').split(';')[0] };
  assert.equal((await server.ask('GET', '/api/v1/session', again)).status, 200);
  assert.equal((await server.ask('GET', '/api/v1/session', { cookie: first.cookie })).status, 401);
  assert.equal((await server.ask('GET', '/api/v1/session', { cookie: other.cookie })).status, 401);
  assert.equal((await server.signIn(admin.email, password)).status, 401);
  assert.equal((await server.signIn(admin.email, 'a much better one')).status, 201);
});

test('a change by cookie must come from our own page', async (t) => {
  const { server, password } = await serve(t);
  const { cookie } = await server.signIn(admin.email, password);
  const host = new URL(server.url).host;
  const make = (headers) =>
    server.ask('POST', '/api/v1/tokens', {
      cookie, headers, body: { name: 'x', role: 'analyst', scopes: ['read'] },
    });
  assert.equal((await make({ origin: 'http://evil.example' })).body.code, 'cross_site');
  assert.equal((await make({ origin: 'null' })).status, 403);
  assert.equal((await make({ 'sec-fetch-site': 'cross-site' })).status, 403);
  assert.equal((await make({ 'sec-fetch-site': 'same-site' })).status, 403);
  assert.equal((await make({ origin: `http://${host}` })).status, 201);
  assert.equal((await make({})).status, 201);
  // Reading is not changing, and a token is never sent by a browser on its own.
  const read = { cookie, headers: { origin: 'http://evil.example' } };
  assert.equal((await server.ask('GET', '/api/v1/session', read)).status, 200);
  const token = server.makeToken('administrator');
  const byToken = await server.ask('POST', '/api/v1/tokens', {
    token, headers: { origin: 'http://evil.example' },
    body: { name: 'y', role: 'analyst', scopes: ['read'] },
  });
  assert.equal(byToken.status, 201);
});

test('nobody is signed in by another site', async (t) => {
  const { server, password } = await serve(t);
  const from = (headers) => server.ask('POST', '/api/v1/session', {
    headers, body: { email: admin.email, password } });
  assert.equal((await from({ 'sec-fetch-site': 'cross-site' })).body.code, 'cross_site');
  assert.equal((await from({ origin: 'http://evil.example' })).status, 403);
  assert.equal((await from({ origin: 'http://evil.example', cookie: 'rapport_session=x' })).status, 403);
  assert.equal((await from({ origin: server.url, 'sec-fetch-site': 'same-origin' })).status, 201);
});

test('a body that is no JSON document is refused before anything else happens', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('administrator');
  const form = await server.ask('POST', '/api/v1/tokens', {
    token, raw: 'name=x', headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(form.status, 415);
  const twice = await server.ask('POST', '/api/v1/tokens', {
    token, raw: '{"name":"a","name":"b"}', headers: { 'content-type': 'application/json' },
  });
  assert.equal(twice.status, 400);
  assert.match(twice.body.detail, /given twice/);
  const unknown = await server.ask('GET', '/api/v1/tokens?limits=5', { token });
  assert.equal(unknown.body.field, 'limits');
});

test('a token works until it is revoked, and its secret is shown once', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('administrator');
  const made = await server.ask('POST', '/api/v1/tokens', {
    token, body: { name: 'shop', role: 'manager', scopes: ['facts', 'read'] },
  });
  assert.equal(made.status, 201);
  assert.match(made.body.secret, /^rpt_[\w-]{43}$/);
  const listed = await server.ask('GET', '/api/v1/tokens', { token });
  assert.ok(!listed.text.includes('secret') && !listed.text.includes(made.body.secret));
  const who = await server.ask('GET', '/api/v1/session', { token: made.body.secret });
  assert.deepEqual(who.body.scopes, ['read', 'facts']);
  assert.equal(who.body.user_id, null);
  const revoked = await server.ask('DELETE', `/api/v1/tokens/${made.body.id}`, { token });
  assert.equal(revoked.status, 204);
  assert.equal((await server.ask('GET', '/api/v1/session', { token: made.body.secret })).status, 401);
});

test('users are made, changed against their version, and kept out', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('administrator');
  const made = await server.ask('POST', '/api/v1/users', {
    token, body: { email: 'eva@example.com', role: 'manager', password: 'correct horse battery' },
  });
  assert.equal(made.status, 201);
  assert.equal(made.headers.get('etag'), '"1"');
  const path = `/api/v1/users/${made.body.id}`;
  assert.equal((await server.ask('PATCH', path, { token, body: { name: 'Eva' } })).status, 428);
  const change = (version, body) =>
    server.ask('PATCH', path, { token, body, headers: { 'if-match': `"${version}"` } });
  assert.equal((await change(7, { name: 'Eva' })).status, 412);
  const named = await change(1, { name: 'Eva' });
  assert.equal(named.body.name, 'Eva');
  assert.equal(named.headers.get('etag'), '"2"');
  const { cookie } = await server.signIn('eva@example.com', 'correct horse battery');
  assert.equal((await server.ask('GET', '/api/v1/session', { cookie })).status, 200);
  assert.equal((await change(2, { disabled: true })).status, 200);
  assert.equal((await server.ask('GET', '/api/v1/session', { cookie })).status, 401);
  assert.equal((await server.signIn('eva@example.com', 'correct horse battery')).status, 401);
});

test('the command line manages the same users while the server runs', async (t) => {
  const { server } = await serve(t);
  const { directory } = server;
  must(directory, ['user', 'add', 'max@example.com', '--role', 'analyst'],
    { input: 'correct horse battery\n' });
  assert.equal((await server.signIn('max@example.com', 'correct horse battery')).status, 201);
  must(directory, ['user', 'disable', 'max@example.com']);
  assert.equal((await server.signIn('max@example.com', 'correct horse battery')).status, 401);
  const users = JSON.parse(must(directory, ['user', 'list', '--json']));
  assert.deepEqual(users.map((user) => [user.email, user.disabled]),
    [['ada@example.com', null], ['max@example.com', 'yes']]);
  const weak = command(directory, ['user', 'passwd', 'max@example.com'], { input: 'short\n' });
  assert.equal(weak.code, 2);
  const last = command(directory, ['user', 'disable', admin.email]);
  assert.equal(last.code, 5);
  assert.match(last.err, /last administrator/);
  assert.equal(command(directory, ['user', 'passwd', 'nobody@example.com']).code, 3);
});
