// `rapport db copy`: the sample on PostgreSQL and back, killed in between, and what is no target.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Postgres } from './postgres.mjs';
import { Server, command, freshDirectory, init, must, program, removeDirectory } from './server.mjs';

const waitMs = 30_000;
let parent, sample, postgres, sampleDoctor;

before(() => {
  parent = freshDirectory({ file: true });
  sample = join(parent, 'sample');
  must(sample, ['init', '--sample']);
  sampleDoctor = must(sample, ['doctor', '--json']);
  postgres = Postgres.start();
});
after(() => {
  postgres.stop();
  removeDirectory(parent);
});

// The data directory of the server's commands: working files only.
const work = () => join(parent, 'work');

function copy(from, to) {
  return command(work(), ['db', 'copy', '--from', from, '--to', to]);
}

function mustCopy(from, to) {
  const run = copy(from, to);
  assert.equal(run.code, 0, run.err);
  return run.out;
}

function exported(directory, args, name) {
  const into = join(parent, name);
  must(directory, ['export', into, ...args]);
  return readdirSync(into).sort().map((file) => [file, readFileSync(join(into, file), 'utf8')]);
}

const answers = [
  ['doctor', '--json'],
  ['report', 'Brakes and Gears', '--from', '2011-01-01', '--json'],
  ['metrics', '--from', '2011-01-01', '--json'],
  ['partner', 'list', '--limit', '100', '--json'],
  ['import', 'list', '--json'],
  ['user', 'list', '--json'],
];

function sameAnswers(directory, args) {
  for (const words of answers)
    assert.equal(must(directory, [...words, ...args]), must(sample, words), words.join(' '));
}

test('a copy on PostgreSQL, and one back in a file, are the same installation', () => {
  const url = postgres.create('there');
  const back = join(parent, 'back');
  const toServer = mustCopy(`sqlite:${sample}`, url);
  assert.match(toServer, /^fact +[\d,]+ +[0-9a-f]{16}$/m);
  assert.match(toServer, /Both sides have the same/);
  sameAnswers(work(), ['--db', url]);
  const toFile = mustCopy(url, `sqlite:${back}`);
  sameAnswers(back, []);
  const tables = (text) => text.split('\n').filter((line) => / [0-9a-f]{16}$/.test(line));
  assert.deepEqual(tables(toFile), tables(toServer));
  const bytes = exported(sample, [], 'e1');
  assert.deepEqual(exported(work(), ['--db', url], 'e2'), bytes);
  assert.deepEqual(exported(back, [], 'e3'), bytes);
});

test('a server works on a copy as on the original', async (t) => {
  const url = postgres.create('served');
  mustCopy(`sqlite:${sample}`, url);
  const server = await Server.start(work(), ['--db', url]);
  t.after(() => server.stop());
  const out = must(work(), ['token', 'create', 'x', '--role', 'manager', '--scopes', 'read,facts',
    '--json', '--db', url]);
  const { secret } = JSON.parse(out);
  const found = await server.ask('GET', '/api/v1/partners?search=Brakes&limit=1', { token: secret });
  const body = { partner: found.body.items[0].id, kind: 'call.made', at: '2026-01-02T03:04:05Z',
    quantity: '1', source: 'copy', external_id: '1' };
  const answer = await server.ask('POST', '/api/v1/facts', { token: secret, body });
  assert.equal(answer.status, 201, answer.text);
  const doctor = JSON.parse(must(work(), ['doctor', '--json', '--db', url]));
  assert.equal(Number(doctor.differences), 0);
  assert.equal(Number(doctor.facts), Number(JSON.parse(sampleDoctor).facts) + 1);
});

// A copy that is sent the signal once some facts are there, but not all.
async function interrupted(from, to, signal, countFacts) {
  const child = spawn(program, ['--data', work(), 'db', 'copy', '--from', from, '--to', to]);
  let err = '';
  child.stderr.on('data', (text) => (err += text));
  const ended = new Promise((resolve) =>
    child.once('close', (code, by) => resolve({ code, signal: by, err })));
  const until = Date.now() + waitMs;
  while (!countFacts() && Date.now() < until && child.exitCode === null)
    await new Promise((done) => setTimeout(done, 5));
  child.kill(signal);
  return ended;
}

const factsOf = (name) => () => {
  if (postgres.query(name, "SELECT to_regclass('fact') IS NOT NULL") !== 't') return 0;
  return Number(postgres.query(name, 'SELECT COUNT(*) FROM fact'));
};

test('a copy that is killed or stopped goes on where it was', async () => {
  const url = postgres.create('killed');
  const killed = await interrupted(`sqlite:${sample}`, url, 'SIGKILL', factsOf('killed'));
  assert.equal(killed.signal, 'SIGKILL', killed.err);
  const there = factsOf('killed')();
  assert.ok(there > 0);
  const opened = command(work(), ['doctor', '--db', url]);
  assert.equal(opened.code, 5);
  assert.match(opened.err, /copy that is not finished/);
  const asked = command(work(), ['db', 'copy', '--from', url, '--to', `sqlite:${join(parent, 'no')}`]);
  assert.equal(asked.code, 5);
  assert.match(asked.err, /itself a copy that is not finished/);
  const stopped = await interrupted(`sqlite:${sample}`, url, 'SIGINT', () => 1);
  assert.ok(stopped.code === 6 || stopped.signal === 'SIGINT', stopped.err);
  if (stopped.code === 6) assert.match(stopped.err, /Run the same command again/);
  assert.ok(factsOf('killed')() >= there);
  mustCopy(`sqlite:${sample}`, url);
  sameAnswers(work(), ['--db', url]);
  const again = copy(`sqlite:${sample}`, url);
  assert.equal(again.code, 5);
  assert.match(again.err, /not empty; nothing was changed/);
});

test('a copy into a file that is killed goes on too', async () => {
  const url = postgres.create('source');
  mustCopy(`sqlite:${sample}`, url);
  const target = join(parent, 'file');
  const begun = () => existsSync(join(target, 'rapport.db-wal'));
  const killed = await interrupted(url, `sqlite:${target}`, 'SIGKILL', begun);
  assert.equal(killed.signal, 'SIGKILL', killed.err);
  mustCopy(url, `sqlite:${join(target, 'rapport.db')}`);
  sameAnswers(target, []);
});

test('one sees how far it is', () => {
  const url = postgres.create('watched');
  const line = `${program} --data ${work()} db copy --from sqlite:${sample} --to '${url}'`;
  const run = spawnSync('script', ['-qec', line, '/dev/null'], { encoding: 'utf8', input: '' });
  assert.equal(run.status, 0, run.stdout);
  assert.match(run.stdout, /\d+ % .*█.* rows copied/);
  assert.match(run.stdout, /\d+ % .*█.* rows compared/);
});

const accounts = readFileSync(
  join(dirname(fileURLToPath(import.meta.url)), '../data/salesforce/Account.csv'), 'utf8');

async function upload(server, token, raw) {
  const made = await server.ask('POST', '/api/v1/imports?name=Account.csv',
    { token, raw, headers: { 'content-type': 'text/csv' } });
  assert.equal(made.status, 201, made.text);
  return made.body.id;
}

async function apply(server, token, id) {
  const path = `/api/v1/imports/${id}`;
  const applied = await server.ask('POST', `${path}/apply`, { token });
  assert.ok(applied.status < 300, applied.text);
  const until = Date.now() + waitMs;
  let state;
  do {
    await new Promise((done) => setTimeout(done, 50));
    state = await server.ask('GET', path, { token });
  } while (['queued', 'applying'].includes(state.body.state) && Date.now() < until);
  assert.equal(state.body.state, 'applied', state.text);
}

test('files of imports that are still to be applied come along', async (t) => {
  const directory = join(parent, 'waiting'), back = join(parent, 'waiting-back');
  const url = postgres.create('waiting');
  init(directory);
  let server = await Server.start(directory);
  t.after(() => server.stop());
  const token = server.makeToken('manager', 'read,import');
  const first = await upload(server, token, accounts);
  await server.stop();
  mustCopy(`sqlite:${directory}`, url);
  server = await Server.start(work(), ['--db', url]);
  await apply(server, token, first);
  const second = await upload(server, token, accounts.replaceAll('Pyramid', 'Returned'));
  await server.stop();
  mustCopy(url, `sqlite:${back}`);
  server = await Server.start(back);
  await apply(server, token, second);
  assert.match(must(work(), ['partner', 'list', '--csv', '--db', url]), /Pyramid Construction/);
  assert.match(must(back, ['partner', 'list', '--csv']), /Returned Construction/);
});

test('a backup is a source too', () => {
  const file = join(parent, 'monday.db');
  must(sample, ['backup', file]);
  const url = postgres.create('monday');
  mustCopy(`sqlite:${file}`, url);
  sameAnswers(work(), ['--db', url]);
});

// The command's sentence; it must have failed with this exit code.
function refused(code, from, to) {
  const run = copy(from, to);
  assert.equal(run.code, code, run.err);
  return run.err;
}

test('what is no source or no empty target is refused, and nothing is changed', () => {
  const other = join(parent, 'other');
  init(other);
  postgres.create('foreign_owner');
  postgres.query('foreign_owner', 'CREATE TABLE theirs (id BIGINT PRIMARY KEY)');
  const filled = join(parent, 'filled');
  init(filled);
  const before = must(filled, ['user', 'list']);
  assert.match(refused(2, 'there', postgres.url('nowhere')), /--from takes sqlite:/);
  assert.match(refused(2, `sqlite:${other}`, 'there'), /--to takes sqlite:/);
  assert.match(refused(3, `sqlite:${join(parent, 'absent')}`, postgres.url('nowhere')), /no database/);
  assert.match(refused(6, `sqlite:${other}`, postgres.url('nowhere')), /cannot be reached/);
  assert.match(refused(5, `sqlite:${other}`, `sqlite:${filled}`), /not empty; nothing was changed/);
  assert.match(refused(5, `sqlite:${other}`, `sqlite:${other}`), /not empty; nothing was changed/);
  assert.match(refused(5, `sqlite:${other}`, `sqlite:${parent}`), /not empty; nothing was changed/);
  assert.match(refused(5, `sqlite:${other}`, postgres.url('there')), /not empty; nothing was changed/);
  const foreign = copy(`sqlite:${other}`, postgres.url('foreign_owner'));
  assert.match(foreign.err, /another program/);
  assert.equal(must(filled, ['user', 'list']), before);
});

test('an unfinished copy is gone on with from its own source only', async () => {
  const other = join(parent, 'stranger');
  init(other);
  const url = postgres.create('half');
  await interrupted(`sqlite:${sample}`, url, 'SIGKILL', factsOf('half'));
  assert.match(refused(5, `sqlite:${other}`, url), /unfinished copy of something else/);
});

test('a source that somebody writes to meanwhile is told, and copied to its last state', async () => {
  const source = join(parent, 'written');
  must(source, ['init', '--sample']);
  const url = postgres.create('written');
  let written = false;
  const write = () => {
    if (!written && factsOf('written')()) {
      must(source, ['partner', 'add', 'Added meanwhile']);
      written = true;
    }
    return false;
  };
  const told = await interrupted(`sqlite:${source}`, url, 'SIGKILL', write);
  assert.ok(written);
  assert.equal(told.code, 5, told.err);
  assert.match(told.err, /Somebody wrote to the source meanwhile/);
  mustCopy(`sqlite:${source}`, url);
  must(work(), ['partner', 'show', 'Added meanwhile', '--db', url]);
  assert.equal(must(work(), ['doctor', '--json', '--db', url]), must(source, ['doctor', '--json']));
});

test('a source that a server uses is refused', async () => {
  const directory = join(parent, 'running');
  init(directory);
  const url = postgres.create('quiet');
  const server = await Server.start(directory);
  assert.match(refused(5, `sqlite:${directory}`, url), /A server uses this database/);
  await server.stop();
  mustCopy(`sqlite:${directory}`, url);
  const shared = await Server.start(work(), ['--db', url]);
  assert.match(refused(5, url, `sqlite:${join(parent, 'never')}`), /A server uses this database/);
  assert.ok(!existsSync(join(parent, 'never')));
  await shared.stop();
  mustCopy(url, `sqlite:${join(parent, 'calm')}`);
});
