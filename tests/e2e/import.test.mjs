// Files go in unchanged: known answers to the cent, twice counts once, kills lose nothing, and all
// of it can be taken back.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Server, admin, command, environment, freshDirectory, init, must, program, removeDirectory }
  from './server.mjs';

const sample = join(dirname(fileURLToPath(import.meta.url)), '../../sample/adventureworks');
const files = ['reseller_sales.csv', 'products.csv', 'resellers.csv'];
const rows = 58_949;
const window = ['--from', '2017-07-01', '--to', '2020-06-01'];

// A fresh data directory and the three files, in an order in which they cannot be taken in.
function prepare(t) {
  const parent = freshDirectory();
  t.after(() => removeDirectory(parent));
  const directory = join(parent, 'data');
  init(directory);
  const paths = files.map((name) => {
    const path = join(parent, name);
    writeFileSync(path, gunzipSync(readFileSync(join(sample, `${name}.gz`))));
    return path;
  });
  return { directory, paths };
}

function values(directory, days = window, args = []) {
  const items = JSON.parse(must(directory, ['metrics', ...days, ...args, '--json']));
  return Object.fromEntries(items.map((item) => [item.code, item.value]));
}

function checkKnownAnswers(directory, days = window) {
  const channel = values(directory, days);
  assert.equal(channel.sales, '77548570.20');
  assert.equal(channel.orders, '3616');
  assert.equal(channel.units, '204114');
  assert.equal(channel.partners_selling, '632');
  const one = values(directory, days, ['--partner', 'Brakes and Gears']);
  assert.equal(one.sales, '882273.53');
  assert.equal(one.orders, '12');
  assert.equal(one.aov, '73522.79');
  assert.equal(command(directory, ['doctor']).code, 0);
}

test('the sample channel is there with one option, and served with a sign-in', async (t) => {
  const parent = freshDirectory();
  t.after(() => removeDirectory(parent));
  const directory = join(parent, 'data');
  must(directory, ['init', '--sample']);
  // Its orders are moved, so that the last one was yesterday.
  checkKnownAnswers(directory, ['--from', '2010-01-01', '--to', '2090-01-01']);
  for (let i = 0; i < 2; i++) {
    const server = await Server.start(directory);
    const found = server.announced.match(/Sign in as (\S+) with the password (\S+)/);
    assert.equal((await server.signIn(found[1], found[2])).status, 201);
    await server.stop();
  }
});

test('the sample is loaded with a progress bar on a terminal', (t) => {
  const parent = freshDirectory();
  t.after(() => removeDirectory(parent));
  const line = `${program} --data ${join(parent, 'data')} init --sample`;
  const run = spawnSync('script', ['-qec', line, '/dev/null'], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stdout);
  assert.match(run.stdout, / %  .*[\d,]+\/[\d,]+ rows/);
});

test('files in any order give the known answers, and again change nothing', (t) => {
  const { directory, paths } = prepare(t);
  const dry = command(directory, ['import', ...paths, '--dry-run']);
  assert.equal(dry.code, 0, dry.err);
  assert.match(dry.out, /Nothing was imported/);
  assert.equal(values(directory).orders ?? null, null);

  const first = JSON.parse(must(directory, ['import', ...paths, '--json']));
  assert.equal(first.state, 'applied');
  assert.equal(first.outcome.created, rows);
  checkKnownAnswers(directory);

  const again = JSON.parse(must(directory, ['import', ...paths, '--json']));
  assert.equal(again.changes, 0);
  assert.equal(again.outcome.unchanged, rows);
  checkKnownAnswers(directory);

  must(directory, ['import', 'undo', first.id]);
  assert.equal(values(directory).sales, '0.00');
  assert.equal(command(directory, ['doctor']).code, 0);
});

test('an import that is killed again and again goes on and is exact', { timeout: 120_000 },
  async (t) => {
    const { directory, paths } = prepare(t);
    const kill = (args, ms) => new Promise((resolve) => {
      const child = spawn(program, ['--data', directory, ...args],
        { stdio: 'ignore', env: environment(directory) });
      const timer = setTimeout(() => child.kill('SIGKILL'), ms);
      child.on('exit', (code) => {
        clearTimeout(timer);
        resolve(code);
      });
    });
    let kills = 0;
    let code = await kill(['import', ...paths], 250);
    const imports = () => JSON.parse(must(directory, ['import', 'list', '--json']));
    for (let i = 0; i < 40 && code !== 0; i++) {
      kills++;
      const [begun] = imports();
      const args = begun ? ['import', 'resume', begun.id] : ['import', ...paths];
      // The last ones have the time that a busy machine may need.
      code = await kill(args, i < 30 ? 60 + 60 * i : 60_000);
    }
    t.diagnostic(`${kills} kills`);
    assert.equal(code, 0);
    assert.ok(kills >= 2, 'it was killed');
    assert.equal(imports()[0].state, 'applied');
    checkKnownAnswers(directory);
    assert.deepEqual(readdirSync(join(directory, 'imports')), [], 'no file is left behind');
  });

test('a file that is none is told in one sentence and changes nothing', (t) => {
  const { directory } = prepare(t);
  const bad = join(directory, '..', 'bad.csv');
  writeFileSync(bad, Buffer.from([0, 1, 2, 3, 0, 0]));
  for (const path of [bad, join(directory, 'none.csv'), directory]) {
    const run = command(directory, ['import', path]);
    assert.ok([2, 3].includes(run.code), `${path}: ${run.code} ${run.err}`);
    assert.match(run.err, /^rapport: .+\n$/);
  }
  assert.deepEqual(JSON.parse(must(directory, ['import', 'list', '--json'])), []);
});

test('the server takes files in over HTTP and shows how far it is', { timeout: 120_000 },
  async (t) => {
    const { directory, paths } = prepare(t);
    const server = await Server.start(directory);
    t.after(() => server.stop());
    const token = server.makeToken('manager');
    let path = '/api/v1/imports';
    for (const file of paths) {
      const added = await server.ask('POST', `${path}?name=${file.split('/').pop()}`, {
        token, raw: readFileSync(file), headers: { 'content-type': 'text/csv' },
      });
      assert.equal(added.status, 201, added.text);
      path = `/api/v1/imports/${added.body.id}/files`;
    }
    path = path.replace(/\/files$/, '');
    const apply = await server.ask('POST', `${path}/apply`, { token });
    assert.ok(apply.status < 300, apply.text);
    let state;
    for (let i = 0; i < 600 && state?.state !== 'applied'; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      state = (await server.ask('GET', path, { token })).body;
      assert.ok(['queued', 'applying', 'applied'].includes(state.state), JSON.stringify(state));
    }
    assert.equal(state.rows_done, rows);
    checkKnownAnswers(directory);
    assert.equal((await server.signIn(admin.email, 'wrong')).status, 401);
  });
