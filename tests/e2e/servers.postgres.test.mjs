// Several servers on one database are one product: whichever is asked, the answer is the same.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allFacts, doctorFindsNothing, makeLoad, post, random, totalsAreExact } from './load.mjs';
import { Postgres, addressOf, initOn, serveOn } from './postgres.mjs';
import { command, freshDirectory, must, removeDirectory } from './server.mjs';
import { Follower, sleep, until } from './stream.mjs';

const WAIT_MS = 60_000;

// Two servers on a database of their own.
async function begin(t) {
  const postgres = Postgres.start();
  t.after(() => postgres.stop());
  postgres.create('rapport');
  const url = addressOf([postgres], 'rapport');
  const env = initOn(t, url);
  const servers = [await serveOn(t, url), await serveOn(t, url)];
  return { servers, env, postgres, url, token: servers[0].makeToken('administrator') };
}

async function leads(server, token) {
  const { text } = await server.ask('GET', '/metrics', { token });
  return text.match(/^rapport_leads (\d)$/m)[1] === '1';
}

test('a fact that one server takes reaches the streams of the other, which goes on where it was',
  { timeout: 120_000 }, async (t) => {
    const { servers, token, env } = await begin(t);
    const [first, second] = servers;
    const load = await makeLoad(first, token, random(1));
    let server = second;
    const follower = new Follower(() => server, token).start();
    t.after(() => follower.stop());
    assert.ok(await until(() => follower.open, WAIT_MS));
    const delays = [];
    for (let i = 0; i < 10; i++) {
      await post(first, token, load, load.facts(1), 'one');
      const answered = performance.now();
      assert.ok(await until(() => follower.told === i + 1, WAIT_MS));
      delays.push(performance.now() - answered);
    }
    delays.sort((a, b) => a - b);
    t.diagnostic(`told by the other server ${delays[5].toFixed(1)} ms after the answer`);
    // The other way round, and with a cut between.
    server = first;
    follower.cut();
    await post(second, token, load, load.facts(20), 'array');
    assert.ok(await until(() => follower.told === 30, WAIT_MS), `${follower.told} of 30`);
    // What the command line records is told by both.
    must(first.directory, ['fact', 'add', load.partners[0], 'order', '--amount', '5.00'], { env });
    assert.ok(await until(() => follower.told === 31, WAIT_MS));
    await sleep(300);
    assert.equal(follower.told, 31);
  });

test('many writers on the same partner and day, on two servers, and every total is exact',
  { timeout: 180_000 }, async (t) => {
    const { servers, token, env } = await begin(t);
    const load = await makeLoad(servers[0], token, random(2));
    const day = Date.UTC(2026, 2, 3);
    const client = async (server, number) => {
      for (let round = 0; round < 6; round++) {
        const facts = load.facts(number % 2 ? 1 : 40);
        for (const fact of facts) {
          fact.partner = load.partners[0];
          fact.at = new Date(day + (number * 1000 + round) * 1000).toISOString();
        }
        await post(server, token, load, facts, facts.length === 1 ? 'one' : 'lines');
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, i) => client(servers[i % 2], i)));
    for (const server of servers) {
      assert.equal((await allFacts(server, token)).size, load.acknowledged.size);
      await totalsAreExact(server, token, load);
    }
    // The same again, through the other server: nothing counts twice.
    const all = [...load.sent.values()];
    await post(servers[1], token, load, all, 'lines');
    assert.equal((await allFacts(servers[0], token)).size, all.length);
    doctorFindsNothing(servers[0].directory, env);
  });

test('changes, sessions and versions of one server hold at the other', async (t) => {
  const { servers, token } = await begin(t);
  const [first, second] = servers;
  const made = await first.ask('POST', '/api/v1/partners', { token, body: { name: 'North' } });
  assert.equal(made.status, 201, made.text);
  const path = `/api/v1/partners/${made.body.id}`;
  const seen = await second.ask('GET', path, { token });
  assert.equal(seen.body.name, 'North');
  const changes = await Promise.all(servers.map((server, i) => server.ask('PATCH', path, {
    token, body: { name: `North ${i}` }, headers: { 'if-match': seen.headers.get('etag') },
  })));
  assert.deepEqual(changes.map(({ status }) => status).sort(), [200, 412]);
  // One of many equal calls with one key counts, whichever server gets it.
  const calls = await Promise.all(Array.from({ length: 8 }, (_, i) =>
    servers[i % 2].ask('POST', '/api/v1/partners', {
      token, body: { name: 'Once' }, headers: { 'idempotency-key': 'a-key-of-this-test' },
    })));
  assert.equal(new Set(calls.map(({ body }) => body.id)).size, 1);
  const report = await second.ask('GET', `${path}/report`, { token });
  await first.ask('POST', '/api/v1/facts', { token, body: {
    partner: made.body.id, kind: 'visit', at: new Date().toISOString(), source: 'e2e', external_id: '1',
  } });
  // What a server keeps of a report is looked at again as soon as it hears of the other's commit.
  let again = report;
  for (let i = 0; i < 100 && again.text === report.text; i++) {
    await sleep(20);
    again = await second.ask('GET', `${path}/report`, { token });
  }
  assert.equal(again.body.live.visits.number, '1');
});

test('a database without our data is told, and that of another program stays as it is', (t) => {
  const postgres = Postgres.start();
  t.after(() => postgres.stop());
  const directory = freshDirectory({ file: true });
  t.after(() => removeDirectory(directory));
  const on = (name, args) => {
    const env = { ...process.env, RAPPORT_DB: addressOf([postgres], name) };
    return command(directory, args, { env });
  };
  postgres.create('nobodys');
  const none = on('nobodys', ['partner', 'list']);
  assert.equal(none.code, 3);
  assert.match(none.err, /no Rapport data in this database; make it with `rapport init`/);
  postgres.create('theirs');
  postgres.query('theirs', 'CREATE TABLE other (x int)');
  const refused = on('theirs', ['init', '--name', 'X', '--admin', 'x@example.com']);
  assert.notEqual(refused.code, 0);
  assert.match(refused.err, /belongs to another program; nothing was changed/);
  const tables = "SELECT string_agg(relname, ',') FROM pg_class WHERE relkind = 'r'" +
    ' AND relnamespace = current_schema()::regnamespace';
  assert.equal(postgres.query('theirs', tables), 'other');
});

test('one server leads, and another takes over when it is gone', { timeout: 120_000 },
  async (t) => {
    const { servers, token } = await begin(t);
    const [first, second] = servers;
    assert.deepEqual([await leads(first, token), await leads(second, token)], [true, false]);
    await first.stop();
    assert.ok(await (async () => {
      for (let i = 0; i < 100; i++) {
        if (await leads(second, token)) return true;
        await sleep(100);
      }
      return false;
    })(), 'a leader that goes in peace is replaced within seconds');
  });

test('an import that one server took in is previewed, applied and undone through the other',
  { timeout: 120_000 }, async (t) => {
    const { servers, token } = await begin(t);
    const [first, second] = servers;
    const rows = Array.from({ length: 50 }, (_, i) => `C-${i},Company ${i},DE`).join('\n');
    const added = await first.ask('POST', '/api/v1/imports?name=companies.csv', {
      token, raw: `Account ID,Account Name,Billing Country\n${rows}\n`,
      headers: { 'content-type': 'text/csv' },
    });
    assert.equal(added.status, 201, added.text);
    const path = `/api/v1/imports/${added.body.id}`;
    const rowsSeen = await second.ask('GET', `${path}/files/1/rows`, { token });
    assert.equal(rowsSeen.status, 200, rowsSeen.text);
    const preview = await second.ask('POST', `${path}/preview`, { token });
    assert.equal(preview.status, 200, preview.text);
    const applied = await second.ask('POST', `${path}/apply`, { token });
    assert.ok(applied.status < 300, applied.text);
    const state = async (server) => (await server.ask('GET', path, { token })).body.state;
    for (let i = 0; i < 300 && (await state(first)) !== 'applied'; i++) await sleep(100);
    assert.equal(await state(first), 'applied');
    const list = await first.ask('GET', '/api/v1/partners?limit=100', { token });
    assert.equal(list.body.items.length, 50);
    const left = servers.flatMap(({ directory }) => readdirSync(join(directory, 'imports')))
      .filter((name) => name.endsWith('.csv'));
    assert.ok(left.length <= 1, `${left}`); // the other server's copy goes with its next sweep
  });

test('facts lie by the month in which they were recorded, made ahead, and a month can be taken away',
  { timeout: 120_000 }, async (t) => {
    const { servers, token, postgres } = await begin(t);
    const load = await makeLoad(servers[0], token, random(3));
    await post(servers[0], token, load, load.facts(5), 'array');
    const month = (ahead) => {
      const now = new Date();
      const date = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1));
      return `fact_${date.getUTCFullYear()}_${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
    };
    const sql = (text) => postgres.query('rapport', text);
    assert.equal(sql('SELECT DISTINCT tableoid::regclass FROM fact'), month(0));
    for (const ahead of [1, 2]) assert.equal(sql(`SELECT to_regclass('${month(ahead)}')`), month(ahead));
    assert.equal(sql("SELECT fact_months(date (now() AT TIME ZONE 'UTC'), 3)"), '0');
    assert.equal(sql("SELECT fact_months('2024-02-10', 2)"), '2');
    sql('ALTER TABLE fact DETACH PARTITION fact_2024_02');
    assert.equal(sql("SELECT fact_months('2024-02-10', 2)"), '0', 'what was taken away stays so');
    // Facts of a month that has no part of its own are kept with the rest.
    sql('INSERT INTO fact SELECT (86400000::bigint * 31 << 22) + 1, day, partner_id, at_ms, kind,' +
      ' quantity_milli, amount, currency, cost, product_id, contact_id, source_id, external_id, ref,' +
      ' note, reverses, import_id FROM fact LIMIT 1');
    assert.equal(sql('SELECT tableoid::regclass FROM fact WHERE id < (86400000::bigint * 40 << 22)'),
      'fact_rest');
  });
