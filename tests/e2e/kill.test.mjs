// The server is killed in the middle of its work, again and again. What it acknowledged is there
// afterwards, once, and every total is exact.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acknowledgedAreThere, allFacts, doctorFindsNothing, makeLoad, post, random, totalsAreExact,
} from './load.mjs';
import { Server, freshDirectory, init, removeDirectory } from './server.mjs';

const rounds = Number(process.env.RAPPORT_KILL_ROUNDS ?? 8);
const clients = 8;

// Posts until the server is gone. A connection that breaks is what the test is about; any other
// failure is not.
async function client(server, token, load) {
  const forms = [['one', 1], ['one', 1], ['array', 20], ['lines', 200]];
  while (server.running) {
    const [form, count] = forms[load.pick(forms.length)];
    try {
      await post(server, token, load, load.facts(count), form);
    } catch (error) {
      if (error instanceof assert.AssertionError || error instanceof SyntaxError) throw error;
      return;
    }
  }
}

test('a killed server keeps what it acknowledged, once, with exact totals',
  { timeout: 280_000 }, async (t) => {
    const seed = Number(process.env.RAPPORT_KILL_SEED ?? Date.now() % 2 ** 32);
    t.diagnostic(`RAPPORT_KILL_SEED=${seed}`);
    const pick = random(seed);
    const directory = freshDirectory();
    t.after(() => removeDirectory(directory));
    init(directory);
    let server = await Server.start(directory);
    t.after(() => server.kill());
    const token = server.makeToken('manager');
    const load = await makeLoad(server, token, pick);
    for (let round = 0; round < rounds; round++) {
      const running = Array.from({ length: clients }, () => client(server, token, load));
      await new Promise((resolve) => setTimeout(resolve, 100 + pick(500)));
      await server.kill();
      await Promise.all(running);
      if (round % 4 === 0) doctorFindsNothing(directory);
      server = await Server.start(directory);
    }
    t.diagnostic(`${load.sent.size} sent, ${load.acknowledged.size} acknowledged`);
    assert.ok(load.acknowledged.size > rounds * 20, 'the load was a load');
    assert.ok(load.sent.size > load.acknowledged.size, 'some were on their way');

    const found = await allFacts(server, token);
    acknowledgedAreThere(found, load);
    doctorFindsNothing(directory);

    // Everything once more: what is there is repeated, what was lost on its way is recorded.
    const all = [...load.sent.values()];
    for (let i = 0; i < all.length; i += 1000)
      await post(server, token, load, all.slice(i, i + 1000), 'lines');
    const again = await allFacts(server, token);
    assert.equal(again.size, load.sent.size);
    for (const [external, fact] of found) assert.equal(again.get(external).id, fact.id);
    doctorFindsNothing(directory);
    await totalsAreExact(server, token, load);
  });
