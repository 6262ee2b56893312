// `rapport backup` and `rapport restore` of a PostgreSQL database, by its own tools.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync }
  from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { Postgres } from './postgres.mjs';
import { Server, admin, command, freshDirectory, must, removeDirectory } from './server.mjs';

let parent, postgres, url, password;
const work = () => join(parent, 'work');
const onServer = (args, at = url) => command(work(), [...args, '--db', at]);

function mustOnServer(args, at) {
  const run = onServer(args, at);
  assert.equal(run.code, 0, run.err);
  return run.out;
}

before(() => {
  parent = freshDirectory({ file: true });
  postgres = Postgres.start();
  url = postgres.create('live');
  const out = mustOnServer(['init', '--name', 'Test Vendor', '--admin', admin.email]);
  [, password] = out.match(/with the password (\S+)/);
  mustOnServer(['partner', 'add', 'One partner']);
});
after(() => {
  postgres.stop();
  removeDirectory(parent);
});

test('a backup made while a server works is restored into an empty database, and signs in', async () => {
  const file = join(parent, 'monday.dump');
  const server = await Server.start(work(), ['--db', url]);
  assert.match(mustOnServer(['backup', file]), /Wrote and checked/);
  await server.stop();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const restored = postgres.create('restored');
  assert.match(mustOnServer(['restore', file], restored), /Restored .* into the database and checked it/);
  assert.equal(postgres.query('restored', 'SELECT COUNT(*) FROM db_lease'), '0');
  for (const words of [['partner', 'list', '--json'], ['user', 'list', '--json'], ['doctor', '--json']])
    assert.equal(mustOnServer(words, restored), mustOnServer(words), words.join(' '));
  const again = await Server.start(work(), ['--db', restored]);
  const session = await again.signIn(admin.email, password);
  await again.stop();
  assert.equal(session.status, 201, session.text);
});

test('a restored database keeps its foreign keys and indexes', () => {
  const file = join(parent, 'keys.dump');
  mustOnServer(['backup', file]);
  const restored = postgres.create('keys');
  mustOnServer(['restore', file], restored);
  const made = 'SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1';
  const keys = "SELECT conname FROM pg_constraint WHERE contype = 'f' ORDER BY 1";
  assert.equal(postgres.query('keys', made), postgres.query('live', made));
  assert.equal(postgres.query('keys', keys), postgres.query('live', keys));
});

test('a file that exists is not written over, and a failed backup leaves none', () => {
  const folder = join(parent, 'kept');
  mkdirSync(folder);
  const file = join(folder, 'file');
  writeFileSync(file, 'precious');
  const existing = onServer(['backup', file]);
  assert.equal(existing.code, 5);
  assert.match(existing.err, /There is a file at .* already/);
  assert.equal(readFileSync(file, 'utf8'), 'precious');
  const away = onServer(['backup', join(parent, 'absent', 'file')]);
  assert.match(away.err, /cannot be written/);
  assert.deepEqual(readdirSync(folder), ['file']);
});

// A folder with the named programs only, and with what `script` writes in their place.
function folderOf(name, programs) {
  const folder = join(parent, name);
  mkdirSync(folder);
  for (const program of programs) {
    const found = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
    symlinkSync(found, join(folder, program));
  }
  return folder;
}

test('a tool that is not installed is told, and no file is left', () => {
  const file = join(parent, 'none.dump'), made = join(parent, 'made.dump');
  const bare = { PATH: folderOf('bare', []) };
  const run = command(work(), ['backup', file, '--db', url], { env: bare });
  assert.equal(run.code, 2);
  assert.match(run.err, /needs PostgreSQL's own pg_dump, which is not installed/);
  mustOnServer(['backup', made]);
  const target = postgres.create('toolless');
  const restore = command(work(), ['restore', made, '--db', target], { env: bare });
  assert.match(restore.err, /needs PostgreSQL's own pg_restore, which is not installed/);
  const half = { PATH: folderOf('half', ['pg_dump', 'perl', 'readlink', 'sh']) };
  const unchecked = command(work(), ['backup', file, '--db', url], { env: half });
  assert.notEqual(unchecked.code, 0);
  assert.ok(!existsSync(file));
  assert.ok(!readdirSync(parent).some((name) => name.startsWith('none.dump')));
});

test('the password does not stand among the words of a command', () => {
  const folder = join(parent, 'noted');
  mkdirSync(folder);
  const noted = join(parent, 'words');
  for (const tool of ['pg_dump', 'pg_restore']) {
    const real = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
    const path = join(folder, tool);
    writeFileSync(path, `#!/bin/sh\necho "${tool} $PGPASSWORD: $*" >>${noted}\nexec ${real} "$@"\n`);
    chmodSync(path, 0o755);
  }
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
  const secret = "open%27sesame%20%5C";
  const file = join(parent, 'secret.dump');
  const at = postgres.url('live', `postgres:${secret}`);
  const run = command(work(), ['backup', file, '--db', at], { env });
  assert.equal(run.code, 0, run.err);
  postgres.create('secret');
  const into = postgres.url('secret', `postgres:${secret}`);
  const restore = command(work(), ['restore', file, '--db', into], { env });
  assert.equal(restore.code, 0, restore.err);
  assert.ok(!(restore.out + restore.err).includes('sesame'));
  for (const line of readFileSync(noted, 'utf8').trim().split('\n')) {
    const [head, words] = line.split(/: (.*)/);
    assert.match(head, /^pg_(dump|restore) open'sesame \\$/);
    assert.ok(!words.includes('sesame'), words);
  }
});

test('what is no backup, or no empty database, is refused and nothing is changed', () => {
  const file = join(parent, 'good.dump'), foreign = join(parent, 'foreign.dump');
  mustOnServer(['backup', file]);
  const filled = onServer(['restore', file]);
  assert.equal(filled.code, 5);
  assert.match(filled.err, /not empty; nothing was changed/);
  const empty = postgres.create('untouched');
  postgres.create('foreign_tables');
  postgres.query('foreign_tables', 'CREATE TABLE theirs (id BIGINT PRIMARY KEY)');
  const dump = spawnSync('pg_dump', ['-Fc', '-f', foreign, postgres.url('foreign_tables')]);
  assert.equal(dump.status, 0);
  writeFileSync(join(parent, 'text'), 'no archive');
  writeFileSync(join(parent, 'cut.dump'), readFileSync(file).subarray(0, 30_000));
  for (const [name, code, says] of [['foreign.dump', 2, /no backup/], ['text', 2, /no backup/],
    ['absent', 3, /There is no backup/], ['.', 3, /There is no backup/]]) {
    const run = onServer(['restore', join(parent, name)], empty);
    assert.equal(run.code, code, run.err);
    assert.match(run.err, says);
  }
  assert.notEqual(onServer(['restore', join(parent, 'cut.dump')], empty).code, 0);
  const tables = "SELECT COUNT(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
  assert.equal(postgres.query('untouched', tables), '0');
  mustOnServer(['restore', file], empty);
});
