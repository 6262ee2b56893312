// The server as its operator sees it: start, health, counters, log, TLS, proxy, strictness.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Server, admin, freshDirectory, init, removeDirectory, serve } from './server.mjs';

test('a start tells the address and a sign-in until the password is changed', async (t) => {
  const { server, password } = await serve(t);
  assert.ok(server.announced.includes(`Sign in as ${admin.email} with the password ${password}`));
  const { cookie } = await server.signIn(admin.email, password);
  const changed = await server.ask('PUT', '/api/v1/session/password', {
    cookie, body: { current_password: password, password: 'a much better one' },
  });
  assert.equal(changed.status, 204);
  await server.stop();
  for (let i = 0; i < 2; i++) {
    const next = await Server.start(server.directory);
    assert.ok(!next.announced.includes('Sign in as'), next.announced);
    await next.stop();
  }
});

test('health is told to anybody and counters to staff', async (t) => {
  const { server } = await serve(t);
  const health = await server.ask('GET', '/healthz');
  assert.equal(health.status, 200);
  assert.equal(health.body.status, 'ok');
  assert.match(health.body.database, process.env.TEST_POSTGRES ? /^PostgreSQL \d/ : /^SQLite /);
  assert.equal((await server.ask('GET', '/metrics')).status, 401);
  await server.ask('GET', '/nowhere');
  const manager = server.makeToken('manager');
  const post = async (path, body) =>
    (await server.ask('POST', path, { token: manager, body })).body;
  const partner = (await post('/api/v1/partners', { name: 'One' })).id;
  for (let i = 0; i < 3; i++)
    await post('/api/v1/facts', {
      partner, kind: 'visit', at: '2026-11-20T10:00:00Z', source: 'e2e', external_id: `${i}`,
    });
  const metrics = await server.ask('GET', '/metrics', { token: server.makeToken('analyst', 'read') });
  assert.equal(metrics.status, 200);
  assert.match(metrics.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  assert.match(metrics.text, /^rapport_http_requests_total\{class="4xx"\} [1-9]/m);
  assert.match(metrics.text, /^rapport_database_bytes [1-9]\d{4,}$/m);
  assert.match(metrics.text, /^rapport_resident_memory_bytes [1-9]\d{6,}$/m);
  assert.match(metrics.text, /^rapport_writes_waiting 0$/m);
  assert.match(metrics.text, /^rapport_facts\{kind="visit"\} 3$/m);
  assert.match(metrics.text, /^rapport_facts\{kind="order"\} 0$/m);
  for (const line of metrics.text.trim().split('\n'))
    assert.match(line, /^(# (TYPE|HELP) \S+ .+|[a-z_]+(\{[^}]*\})? [0-9.e+-]+)$/);
});

test('health is no longer told when the database is damaged', async (t) => {
  const { server } = await serve(t, [], { file: true });
  assert.equal((await server.ask('GET', '/healthz')).status, 200);
  for (const name of ['rapport.db', 'rapport.db-wal']) truncateSync(join(server.directory, name), 0);
  const health = await server.ask('GET', '/healthz');
  assert.ok(health.status >= 500, health.text);
  assert.ok(!health.text.includes(server.directory), 'nothing for the operator only');
  await server.kill();
});

test('each request leaves one structured line with its id, and no secret', async (t) => {
  const { server, password } = await serve(t);
  const headers = { 'x-request-id': 'my-request-7' };
  const answer = await server.ask('GET', '/api/v1/users?limit=x', { headers, token: server.makeToken('administrator') });
  assert.equal(answer.body.request_id, 'my-request-7');
  await server.signIn(admin.email, password);
  await server.stop();
  const lines = server.log.trim().split('\n').map((line) => JSON.parse(line));
  const mine = lines.filter((line) => line.id === 'my-request-7');
  assert.equal(mine.length, 1);
  assert.equal(mine[0].status, 400);
  assert.equal(mine[0].path, '/api/v1/users');
  assert.match(mine[0].actor, /^token:/);
  assert.ok(lines.some((line) => line.event === 'stopping'));
  assert.ok(!server.log.includes(password));
  assert.ok(!server.log.includes('rapport_session'));
});

test('a cookie is Secure where TLS protects it, and streams go through TLS too', async (t) => {
  const directory = freshDirectory();
  t.after(() => removeDirectory(directory));
  const data = join(directory, 'data');
  const password = init(data);
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-keyout', key, '-out', cert]);
  if (made.status !== 0) return t.skip('needs openssl to make a certificate');
  const server = await Server.start(data, ['--tls-cert', cert, '--tls-key', key]);
  t.after(() => server.stop());
  const { hostname, port } = new URL(server.url);
  const body = JSON.stringify({ email: admin.email, password });
  const answer = await new Promise((resolve, reject) => {
    request({
      hostname, port, path: '/api/v1/session', method: 'POST', rejectUnauthorized: false,
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    }, resolve).on('error', reject).end(body);
  });
  answer.resume();
  assert.equal(answer.statusCode, 201);
  assert.match(answer.headers['set-cookie'][0], /; Secure$/);
  const stream = await new Promise((resolve, reject) => {
    request({
      hostname, port, path: '/api/v1/stream', rejectUnauthorized: false,
      headers: { cookie: answer.headers['set-cookie'][0].split(';')[0] },
    }, resolve).on('error', reject).end();
  });
  assert.equal(stream.statusCode, 200);
  let text = '';
  for await (const part of stream) {
    text += part;
    if (text.includes('event: ready\n')) break;
  }
});

test('only the trusted proxy may say who the client is and that it came by https', async (t) => {
  const { server, password } = await serve(t, ['--trusted-proxy', '127.0.0.1']);
  const signIn = (other) => other.ask('POST', '/api/v1/session', {
    headers: { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' },
    body: { email: admin.email, password },
  });
  assert.match((await signIn(server)).headers.get('set-cookie'), /; Secure$/);
  const { server: alone, password: other } = await serve(t);
  const plain = await alone.ask('POST', '/api/v1/session', {
    headers: { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' },
    body: { email: admin.email, password: other },
  });
  assert.equal(plain.status, 201);
  assert.doesNotMatch(plain.headers.get('set-cookie'), /Secure/);
  await server.stop();
  await alone.stop();
  const peers = (log) => log.trim().split('\n').map((line) => JSON.parse(line))
    .filter((line) => line.path === '/api/v1/session').map((line) => line.peer);
  assert.deepEqual(peers(server.log), ['192.0.2.7']);
  assert.deepEqual(peers(alone.log), ['127.0.0.1']);
});

// Sends bytes as they are; the status of the first answer, or 0 when the connection just ends.
function raw(server, bytes) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const end = () => {
      socket.destroy();
      resolve(Number(text.match(/^HTTP\/1\.1 (\d+)/)?.[1] ?? 0));
    };
    socket.setTimeout(5000, end).on('error', end).on('close', end);
    socket.on('data', (data) => {
      text += data;
      if (text.includes('\r\n\r\n')) end();
    });
  });
}

test('requests that two readers could take for different ones are refused', async (t) => {
  const { server } = await serve(t);
  const get = 'GET /healthz HTTP/1.1\r\n';
  const post = 'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  assert.equal(await raw(server, `${get}Host: x\r\n\r\n`), 200);
  assert.equal(await raw(server, `${get}\r\n`), 400);
  assert.equal(await raw(server, `${get}Host: x\r\nHost: y\r\n\r\n`), 400);
  assert.equal(await raw(server, `${get}Host: x\r\nA: b\r\n c\r\n\r\n`), 400);
  assert.equal(await raw(server, `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`), 400);
  assert.equal(await raw(server,
    `${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`), 400);
  assert.equal(await raw(server, 'GET /healthz/../metrics HTTP/1.1\r\nHost: x\r\n\r\n'), 400);
  assert.equal((await server.ask('GET', '/healthz')).status, 200);
});

test('one address has a rate, and another is not held back by it', async (t) => {
  const { server } = await serve(t, ['--rate', '5', '--trusted-proxy', '127.0.0.1']);
  const from = async (address) =>
    (await server.ask('GET', '/healthz', { headers: { 'x-forwarded-for': address } }));
  const statuses = [];
  for (let i = 0; i < 80; i++) statuses.push((await from('192.0.2.1')).status);
  assert.equal(statuses[0], 200);
  assert.ok(statuses.includes(429));
  const refused = await from('192.0.2.1');
  assert.equal(refused.status, 429);
  assert.match(refused.headers.get('retry-after'), /^\d+$/);
  assert.equal((await from('192.0.2.2')).status, 200);
});

test('a long answer travels compressed where the client takes it', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  const ask = (coding) =>
    fetch(`${server.url}/api/v1/metrics`, {
      headers: { Authorization: `Bearer ${token}`, 'Accept-Encoding': coding },
    });
  const plain = await ask('identity');
  const packed = await ask('gzip');
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.equal(packed.headers.get('content-encoding'), 'gzip');
  assert.equal(packed.headers.get('vary'), 'Accept-Encoding');
  const length = (answer) => Number(answer.headers.get('content-length'));
  assert.ok(length(packed) * 3 < length(plain));
  assert.equal(await packed.text(), await plain.text());
});
