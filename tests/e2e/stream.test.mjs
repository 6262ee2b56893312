// What is recorded reaches everybody who follows: at once, in order, without a gap or a double,
// whoever records it, for as long as they may see it, and however slowly others read.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Follower, sleep, until } from './stream.mjs';
import { Server, allScopes, environment, freshDirectory, init, must, program, removeDirectory, serve }
  from './server.mjs';

const WAIT_MS = 20_000;

function order(partner, number) {
  return {
    partner, kind: 'order', at: new Date().toISOString(), amount: '10.00', currency: 'EUR',
    source: 'e2e', external_id: `order-${number}`,
  };
}

async function makePartner(server, token, name, fields = {}) {
  const answer = await server.ask('POST', '/api/v1/partners', { token, body: { name, ...fields } });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

async function record(server, token, fact) {
  const answer = await server.ask('POST', '/api/v1/facts', { token, body: fact });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

// A server with a partner, and a follower of everything that is ready.
async function station(t, query = '') {
  const { server, password } = await serve(t);
  const token = server.makeToken('administrator');
  const partner = await makePartner(server, token, 'North Shop');
  const follower = new Follower(() => server, token, { query }).start();
  t.after(() => follower.stop());
  assert.ok(await until(() => follower.open, WAIT_MS));
  return { server, password, token, partner, follower };
}

test('a fact is told with its names and its numbers, at once', async (t) => {
  const { server, token, partner, follower } = await station(t);
  const one = new Follower(() => server, token, { query: `?partner=${partner}` }).start();
  t.after(() => one.stop());
  await until(() => one.open, WAIT_MS);
  const delays = [];
  for (let i = 0; i < 20; i++) {
    const id = await record(server, token, order(partner, i));
    const answered = performance.now();
    assert.ok(await until(() => follower.of('fact').some((event) => event.id === id), WAIT_MS));
    delays.push(follower.of('fact').find((event) => event.id === id).at - answered);
    await sleep(60);
  }
  delays.sort((a, b) => a - b);
  t.diagnostic(`told ${delays[10].toFixed(1)} ms after the answer, at most ${delays[19].toFixed(1)}`);
  assert.ok(delays[10] < 1000, `${delays[10]} ms`);
  const { data } = follower.of('fact')[0];
  const fact = await server.ask('GET', `/api/v1/facts/${data.id}`, { token });
  assert.deepEqual(data, fact.body);
  assert.equal(data.partner_name, 'North Shop');
  assert.ok(await until(() => one.of('report').at(-1)?.data.live.sales_orders.number === '20'));
  const report = await server.ask('GET', `/api/v1/partners/${partner}/report`, { token });
  assert.deepEqual(one.of('report').at(-1).data, report.body);
  assert.ok(await until(() => follower.of('pulse').length > 0));
  assert.equal(follower.of('report').length + one.of('pulse').length, 0);
  const pulse = await server.ask('GET', '/api/v1/pulse', { token });
  assert.deepEqual(Object.keys(follower.of('pulse').at(-1).data), Object.keys(pulse.body));
});

test('what the command line records while the server runs is told', async (t) => {
  const { server, partner, follower } = await station(t);
  must(server.directory, ['fact', 'add', partner, 'order', '--amount', '5.00']);
  const done = performance.now();
  assert.ok(await until(() => follower.of('fact').length === 1, WAIT_MS));
  assert.ok(follower.of('fact')[0].at - done < 1000);
});

test('a bulk import is told as totals, several times a second', { timeout: 120_000 }, async (t) => {
  const { server, token, partner, follower } = await station(t);
  const rows = 20_000;
  const lines = Array.from({ length: rows }, (_, i) => JSON.stringify(order(partner, i)));
  const began = performance.now();
  const answer = await server.ask('POST', '/api/v1/facts', {
    token, raw: `${lines.join('\n')}\n`, headers: { 'content-type': 'application/x-ndjson' },
  });
  assert.equal(answer.status, 200);
  assert.ok(await until(() => follower.told === rows, WAIT_MS), `told ${follower.told}`);
  const seconds = (performance.now() - began) / 1000;
  t.diagnostic(`${rows} facts in ${seconds.toFixed(1)} s: ${follower.of('totals').length} totals`);
  assert.ok(follower.of('fact').length <= 100);
  assert.ok(follower.of('totals').length <= 2 + seconds * 8);
});

test('groups, products and kinds narrow a stream, as they are when a fact is told', async (t) => {
  const { server, token, partner: north } = await station(t);
  const south = await makePartner(server, token, 'South Shop', { tier: 'Gold', country: 'AT' });
  const follow = async (query) => {
    const follower = new Follower(() => server, token, { query }).start();
    t.after(() => follower.stop());
    assert.ok(await until(() => follower.open, WAIT_MS), query);
    return follower;
  };
  const gold = await follow('?tier=Gold&country=AT');
  const calls = await follow('?kind=call.made,visit');
  const product = await server.ask('POST', '/api/v1/products', { token, body: { name: 'Lamp' } });
  const lamps = await follow(`?product=${product.body.id}`);
  await record(server, token, order(north, 1));
  const first = await record(server, token, order(south, 2));
  // Who is in a group is looked up when a fact is told.
  assert.ok(await until(() => gold.of('fact').length === 1, WAIT_MS));
  const version = (await server.ask('GET', `/api/v1/partners/${north}`, { token }))
    .headers.get('etag');
  const moved = await server.ask('PATCH', `/api/v1/partners/${north}`, {
    token, headers: { 'if-match': version }, body: { tier: 'Gold', country: 'AT' },
  });
  assert.equal(moved.status, 200, moved.text);
  const second = await record(server, token, order(north, 3));
  const call = await record(server, token,
    { ...order(north, 4), kind: 'call.made', amount: undefined, currency: undefined });
  await until(() => gold.of('fact').length >= 3, WAIT_MS);
  assert.deepEqual(gold.of('fact').map((event) => event.id), [first, second, call]);
  assert.ok(await until(() => calls.of('fact').length === 1, WAIT_MS));
  assert.equal(calls.of('fact')[0].id, call);
  const lamp = await record(server, token, { ...order(south, 5), product: product.body.id });
  assert.ok(await until(() => lamps.of('fact').length === 1, WAIT_MS));
  assert.equal(lamps.of('fact')[0].id, lamp);
  const refused = await server.ask('GET', `/api/v1/stream?tier=Gold&partner=${north}`, { token });
  assert.equal(refused.body.code, 'partner_and_group');
});

// Facts one by one until it is told to stop; ids that were acknowledged.
async function post(state) {
  while (state.posting) {
    const number = state.next++;
    try {
      const answer = await state.server.ask('POST', '/api/v1/facts', {
        token: state.token, body: order(state.partner, number),
      });
      if (answer.status === 201) state.acknowledged.push(answer.body.id);
    } catch {
      await sleep(20); // the server is down: the fact may be recorded or not
    }
  }
}

test('under load, cuts and kills, nothing is left out and nothing is told twice',
  { timeout: 180_000 }, async (t) => {
    const directory = freshDirectory();
    init(directory);
    const state = { posting: true, next: 0, acknowledged: [] };
    state.server = await Server.start(directory);
    t.after(async () => {
      await state.server.stop();
      removeDirectory(directory);
    });
    state.token = state.server.makeToken('administrator');
    state.partner = await makePartner(state.server, state.token, 'North Shop');
    const first = await record(state.server, state.token, order(state.partner, 'first'));
    const followers = ['', '', `?partner=${state.partner}`, '?kind=order'].map((query) =>
      new Follower(() => state.server, state.token, { query, after: first }).start());
    t.after(() => Promise.all(followers.map((follower) => follower.stop())));
    const posters = [1, 2, 3].map(() => post(state));
    for (let kill = 0; kill < 3; kill++) {
      for (let cut = 0; cut < 15; cut++) {
        await sleep(20 + Math.random() * 100);
        followers[Math.floor(Math.random() * followers.length)].cut();
      }
      await state.server.kill();
      state.server = await Server.start(directory);
    }
    await sleep(500);
    state.posting = false;
    await Promise.all(posters);
    // What was recorded without an answer counts too.
    const recorded = must(directory, ['fact', 'list', '--limit', '100000', '--csv'])
      .trim().split('\n').length - 2;
    for (const follower of followers) {
      await until(() => follower.told >= recorded, WAIT_MS);
      const ids = follower.of('fact').map((event) => event.id);
      assert.equal(follower.of('reload').length, 0);
      assert.equal(new Set(ids).size, ids.length, 'a double');
      assert.deepEqual([...ids].sort(), ids, 'out of order');
      assert.equal(follower.told, recorded);
      if (follower.of('totals').length) continue;
      const told = new Set(ids);
      assert.deepEqual(state.acknowledged.filter((id) => !told.has(id)), []);
    }
    const connections = followers.reduce((sum, follower) => sum + follower.connections, 0);
    t.diagnostic(`${recorded} facts, ${connections} connections, ` +
      `${followers[0].of('totals').length} totals`);
  });

test('a stream ends soon after its token, its session or its role', async (t) => {
  const { server, token, partner } = await station(t);
  const secret = JSON.parse(must(server.directory,
    ['token', 'create', 'short', '--role', 'analyst', '--scopes', 'read', '--json']));
  const user = await server.ask('POST', '/api/v1/users', {
    token, body: { email: 'eva@example.com', role: 'analyst' },
  });
  const password = 'correct horse battery';
  await server.ask('PUT', `/api/v1/users/${user.body.id}/password`, { token, body: { password } });
  const { cookie } = await server.signIn('eva@example.com', password);
  const partners = server.makeToken('partner', allScopes, ['--partner', partner]);
  const streams = [{ token: secret.secret }, { cookie }, { token: partners }].map((by) => {
    const follower = new Follower(() => server, by.token, { cookie: by.cookie });
    follower.ended = follower.connect();
    t.after(() => follower.cut());
    return follower;
  });
  for (const follower of streams) assert.ok(await until(() => follower.open, WAIT_MS));
  const list = (await server.ask('GET', '/api/v1/tokens', { token })).body.items;
  const short = list.find((each) => each.name === 'short');
  assert.equal((await server.ask('DELETE', `/api/v1/tokens/${short.id}`, { token })).status, 204);
  const version = (await server.ask('GET', `/api/v1/users/${user.body.id}`, { token }))
    .headers.get('etag');
  const changed = await server.ask('PATCH', `/api/v1/users/${user.body.id}`, {
    token, headers: { 'if-match': version }, body: { role: 'manager' },
  });
  assert.equal(changed.status, 200, changed.text);
  assert.ok(await until(() => !streams[0].open && !streams[1].open, 5000));
  assert.ok(streams[2].open, 'others stay');
  await streams[0].connect();
  assert.equal(streams[0].status, 401);
});

test('nobody may open more streams than a person needs', { timeout: 60_000 }, async (t) => {
  const { server, token, partner, follower } = await station(t);
  const others = Array.from({ length: 63 }, () => new Follower(() => server, token));
  others.forEach((other) => void other.connect());
  t.after(() => others.forEach((other) => other.cut()));
  assert.ok(await until(() => others.every((other) => other.open), WAIT_MS));
  const refused = await server.ask('GET', '/api/v1/stream', { token });
  assert.equal(refused.status, 429);
  assert.equal(refused.body.code, 'streams_of_actor');
  assert.ok(follower.open);
  others[0].cut();
  await until(() => !others[0].open);
  // That it has left is seen when it is told something.
  for (let i = 0; i < 3; i++) {
    await record(server, token, order(partner, i));
    await sleep(100);
  }
  const again = new Follower(() => server, token).start();
  t.after(() => again.stop());
  assert.ok(await until(() => again.open, WAIT_MS));
});

test('who does not read is dropped, and nobody else waits for it', { timeout: 120_000 },
  async (t) => {
    const { server, token, partner, follower } = await station(t);
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let closed = false;
    socket.on('error', () => {}).on('close', () => { closed = true; });
    socket.write(`GET /api/v1/stream?partner=${partner} HTTP/1.1\r\nHost: a\r\n` +
      `Authorization: Bearer ${token}\r\n\r\n`);
    socket.pause();
    await sleep(300);
    const dropped = async () => Number(
      (await server.ask('GET', '/metrics', { token })).text
        .match(/rapport_http_streams_dropped_total (\d+)/)[1]);
    const note = 'n'.repeat(3900);
    let number = 0;
    let slowest = 0;
    while (!(await dropped()) && number < 2000) {
      const batch = Array.from({ length: 10 }, () =>
        ({ ...order(partner, number++), note }));
      const answer = await server.ask('POST', '/api/v1/facts', { token, body: batch });
      const answered = performance.now();
      const last = answer.body.items.at(-1).id;
      assert.ok(await until(() => follower.lastId >= last, WAIT_MS));
      slowest = Math.max(slowest, performance.now() - answered);
    }
    assert.equal(await dropped(), 1);
    t.diagnostic(`dropped after ${number} facts; the other waited ${slowest.toFixed(0)} ms at most`);
    assert.ok(slowest < 2000);
    assert.equal(follower.told, number);
    socket.resume();
    assert.ok(await until(() => closed));
  });

// `rapport watch`: its lines so far, and a way to end it as Ctrl-C does.
function watch(t, directory, args) {
  const child = spawn(program, ['--data', directory, 'watch', ...args],
    { stdio: ['ignore', 'pipe', 'inherit'], env: environment(directory) });
  const watching = { lines: [] };
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more) => {
    const parts = (text + more).split('\n');
    text = parts.pop();
    watching.lines.push(...parts);
  });
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  watching.end = () => {
    child.kill('SIGINT');
    return ended;
  };
  t.after(() => child.kill('SIGKILL'));
  return watching;
}

test('rapport watch shows what happens, with a server and without, until Ctrl-C', async (t) => {
  const { server, partner } = await station(t);
  const add = (amount) =>
    must(server.directory, ['fact', 'add', partner, 'order', '--amount', amount]);
  const all = watch(t, server.directory, []);
  assert.ok(await until(() => all.lines.length === 1, WAIT_MS), 'that it lives');
  assert.match(all.lines[0], /^\S+Z {2}The whole channel today {2}Sales no data, Number of sales no data, /);
  const one = watch(t, server.directory, ['North Shop', '--json']);
  assert.ok(await until(() => one.lines.length > 0, WAIT_MS), 'the report at first');
  await sleep(500);
  add('5.00');
  assert.ok(await until(() => all.lines.length === 2 && one.lines.length === 3, WAIT_MS));
  await server.stop();
  add('7.00');
  assert.ok(await until(() => all.lines.length === 3 && one.lines.length === 5, WAIT_MS));
  assert.match(all.lines[2], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}North Shop {2}order {2}1 {2}7\.00 EUR/);
  const told = one.lines.map((line) => JSON.parse(line));
  assert.deepEqual(told.map(({ event }) => event), ['report', 'fact', 'report', 'fact', 'report']);
  assert.equal(told[3].data.amount, '7.00');
  assert.equal(told[3].id, told[3].data.id);
  assert.equal(told[4].data.live.sales_orders.value, '12.00');
  assert.equal(await all.end(), 0);
  assert.equal(await one.end(), 0);
  const after = watch(t, server.directory, ['North Shop', '--after', told[1].id]);
  assert.ok(await until(() => after.lines.length === 2, WAIT_MS));
  assert.match(after.lines[0], / {2}North Shop, the last 30 days {2}Sales 12\.00 EUR, /);
  assert.equal(after.lines[1], all.lines[2]);
  assert.equal(await after.end(), 0);
});
