// The primary is killed under load and its replica takes over: what was acknowledged is there, once,
// every total is exact, and every open stream goes on without a gap.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acknowledgedAreThere, allFacts, doctorFindsNothing, makeLoad, post, random, totalsAreExact,
} from './load.mjs';
import { Postgres, addressOf, initOn, serveOn } from './postgres.mjs';
import { Follower, sleep, until } from './stream.mjs';

const CLIENTS = 4;
const LOAD_MS = 2500;
const WAIT_MS = 60_000;

// Sends each fact until it is acknowledged, as a client that gives up nothing would.
async function persist(server, token, load, state) {
  const forms = [['one', 1], ['one', 1], ['array', 20], ['lines', 100]];
  while (!state.ended) {
    const [form, count] = forms[load.pick(forms.length)];
    const facts = load.facts(count);
    for (;;) {
      try {
        await post(server, token, load, facts, form);
        break;
      } catch {
        state.refused++;
        await sleep(50);
      }
    }
    state.acknowledged[state.phase]++;
  }
}

test('a primary is killed, its replica promoted, and nothing is lost, doubled or left out',
  { timeout: 240_000 }, async (t) => {
    const seed = Number(process.env.RAPPORT_FAILOVER_SEED ?? Date.now() % 2 ** 32);
    t.diagnostic(`RAPPORT_FAILOVER_SEED=${seed}`);
    const primary = Postgres.start(['fsync=on']);
    t.after(() => primary.stop());
    const replica = Postgres.follow(primary, ['fsync=on']);
    t.after(() => replica.stop());
    primary.query('postgres', "ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary.query('postgres', 'SELECT pg_reload_conf()');
    assert.ok(await until(() =>
      primary.query('postgres', 'SELECT sync_state FROM pg_stat_replication') === 'sync', WAIT_MS));
    primary.create('rapport');

    const url = addressOf([primary, replica], 'rapport');
    const env = initOn(t, url);
    const first = await serveOn(t, url);
    const second = await serveOn(t, url);
    const servers = [first, second];
    const token = first.makeToken('manager');
    const load = await makeLoad(first, token, random(seed));
    const followers = servers.map((server) => new Follower(() => server, token).start());
    t.after(() => Promise.all(followers.map((follower) => follower.stop())));
    for (const follower of followers) assert.ok(await until(() => follower.open, WAIT_MS));

    const state = { phase: 'before', acknowledged: { before: 0, after: 0 }, refused: 0, ended: false };
    const clients = Array.from({ length: CLIENTS }, (_, i) =>
      persist(servers[i % 2], token, load, state));
    await sleep(LOAD_MS);
    const killed = performance.now();
    await primary.kill();
    await sleep(1000);
    await replica.promote();
    state.phase = 'after';
    assert.ok(await until(() => state.acknowledged.after > CLIENTS, WAIT_MS), 'it goes on');
    t.diagnostic(`went on ${((performance.now() - killed) / 1000).toFixed(1)} s after the kill, ` +
      `${state.refused} answers were refusals`);
    await sleep(LOAD_MS);
    state.ended = true;
    await Promise.all(clients);
    t.diagnostic(`${load.acknowledged.size} acknowledged`);

    for (const server of servers) {
      const found = await allFacts(server, token);
      assert.equal(found.size, load.acknowledged.size);
      acknowledgedAreThere(found, load);
      await totalsAreExact(server, token, load);
    }
    doctorFindsNothing(first.directory, env);
    for (const follower of followers) {
      assert.ok(await until(() => follower.told >= load.acknowledged.size, WAIT_MS),
        `${follower.told} of ${load.acknowledged.size} were told`);
      assert.equal(follower.told, load.acknowledged.size, 'nothing twice');
      const ids = follower.events.map(({ id }) => id).filter(Boolean);
      assert.deepEqual(ids, [...ids].sort(), 'in the order of the ledger');
    }
  });
