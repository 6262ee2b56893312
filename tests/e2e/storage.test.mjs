// What the disk does to the data: full, read-only, copied while in use, damaged.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Server, admin, command, freshDirectory, init, must, program, removeDirectory, serve }
  from './server.mjs';

const isRoot = process.getuid() === 0;
const nobody = 65534;

async function addPartners(server, token, count) {
  for (let i = 0; i < count; i++) {
    const answer = await server.ask('POST', '/api/v1/partners', { token, body: { name: `P ${i}` } });
    assert.equal(answer.status, 201, answer.text);
  }
}

test('init takes no directory that belongs to somebody else', { skip: !isRoot }, (t) => {
  const parent = freshDirectory();
  t.after(() => removeDirectory(parent));
  const directory = join(parent, 'data');
  mkdirSync(directory);
  chownSync(directory, nobody, nobody);
  const made = command(directory, ['init', '--name', 'V', '--admin', admin.email]);
  assert.equal(made.code, 5, made.err);
  assert.match(made.err, /belongs to another user/);
  assert.deepEqual(readdirSync(directory), []);
});

test('a pipe is no file to import or restore', (t) => {
  const directory = freshDirectory();
  t.after(() => removeDirectory(directory));
  init(directory);
  const pipe = join(directory, 'pipe');
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  const shown = command(directory, ['import', pipe, '--dry-run'], { timeout: 5000 });
  assert.match(shown.err, /no ordinary file/);
  const restored = command(join(directory, 'other'), ['restore', pipe], { timeout: 5000 });
  assert.equal(restored.signal, null);
  assert.notEqual(restored.code, 0);
});

test('nothing that a stranger named steers the terminal', (t) => {
  const directory = freshDirectory();
  t.after(() => removeDirectory(directory));
  init(directory);
  const steers = (text) => /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text);
  const name = '\u001b]0;x\u0007\u001b[31m\u009b31m\u202egnp';
  const file = join(directory, 'x.csv'), mapping = join(directory, 'x.json');
  writeFileSync(file, `Company,City${name},Phone${name}\n${name}A,${name},${name}\n`);
  writeFileSync(mapping, JSON.stringify({ name, title: name, source: 'x',
    records: [{ make: 'partner', fields: { name: '{Company}' } }] }));
  for (const args of [[name], ['partner', 'show', name], ['report', name], ['partner', 'list', `--${name}`],
    ['metrics', '--from', name], ['import', name], ['backup', `${name}/x`], ['help', name],
    ['import', file, '--dry-run'], ['import', file, '--mapping', mapping], ['partner', 'list'],
    ['partner', 'add', `${name}B`], ['partner', 'list', '--sort', name]]) {
    const { out, err } = command(directory, args);
    assert.ok((out + err).length > 0);
    assert.ok(!steers(out + err), JSON.stringify(args) + JSON.stringify(out + err));
  }
});

test('init makes a directory that nobody else can read, and refuses one in use', (t) => {
  const parent = freshDirectory();
  t.after(() => removeDirectory(parent));
  const directory = join(parent, 'data');
  init(directory);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  for (const name of readdirSync(directory))
    assert.equal(statSync(join(directory, name)).mode & 0o077, 0, name);
  const before = readFileSync(join(directory, 'rapport.db'));
  const again = command(directory, ['init', '--name', 'X', '--admin', 'x@example.com']);
  assert.equal(again.code, 5);
  assert.match(again.err, /not empty; nothing was changed/);
  assert.ok(before.equals(readFileSync(join(directory, 'rapport.db'))));
});

test('an init that fails leaves nothing behind', (t) => {
  const parent = freshDirectory();
  t.after(() => removeDirectory(parent));
  const directory = join(parent, 'data');
  const bad = command(directory,
    ['init', '--name', 'X', '--admin', 'x@example.com', '--currency', 'ZZZ']);
  assert.equal(bad.code, 2);
  assert.ok(!existsSync(directory));

  // A limit of file size stands for a disk that becomes full in the middle of the sample.
  const full = spawnSync('prlimit', ['--fsize=3000000', program, '--data', directory, 'init',
    '--sample'], { encoding: 'utf8' });
  assert.ok(full.status > 0, `${full.status} ${full.signal}`);
  assert.match(full.stderr, /^rapport: .*no room/);
  assert.ok(!existsSync(directory));
});

test('a missing data directory is told with the way to make one', (t) => {
  const parent = freshDirectory();
  t.after(() => removeDirectory(parent));
  const missing = command(join(parent, 'none'), ['user', 'list']);
  assert.equal(missing.code, 3);
  assert.match(missing.err, /rapport init/);
});

test('the data directory comes from --data, then the environment, then here', (t) => {
  const parent = freshDirectory();
  t.after(() => removeDirectory(parent));
  mkdirSync(join(parent, 'here'));
  init(join(parent, 'a'));
  init(join(parent, 'here', 'rapport-data'), ['--admin-name', 'Here']);
  const list = (args, env) =>
    spawnSync(program, [...args, 'user', 'list', '--json'], {
      cwd: join(parent, 'here'), encoding: 'utf8', env: { ...process.env, ...env },
    });
  const nameOf = (run) => JSON.parse(run.stdout)[0].name;
  assert.equal(nameOf(list([], { RAPPORT_DATA: '' })), 'Here');
  assert.equal(nameOf(list([], { RAPPORT_DATA: join(parent, 'a') })), admin.email);
  assert.equal(nameOf(list(['--data', join(parent, 'a')], { RAPPORT_DATA: '/nowhere' })), admin.email);
});

test('a backup made while the server writes is whole and can be restored', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  const parent = freshDirectory();
  t.after(() => removeDirectory(parent));
  await addPartners(server, token, 20);
  let stop = false;
  let written = 20;
  const writer = (async () => {
    for (; !stop; written++) await addPartners(server, token, 1);
  })();
  const file = join(parent, 'copy.db');
  assert.match(must(server.directory, ['backup', file]), /checked/);
  stop = true;
  await writer;
  assert.equal(statSync(file).mode & 0o077, 0);
  const again = command(server.directory, ['backup', file]);
  assert.equal(again.code, 5);

  const restored = join(parent, 'restored');
  must(restored, ['restore', file]);
  const refused = command(restored, ['restore', file]);
  assert.equal(refused.code, 5);
  const other = await Server.start(restored);
  t.after(() => other.stop());
  const found = await other.ask('GET', '/api/v1/partners?limit=500', { token });
  assert.ok(found.body.items.length >= 20 && found.body.items.length <= written);
});

test('a damaged backup is not restored', async (t) => {
  const { server } = await serve(t);
  const parent = freshDirectory();
  t.after(() => removeDirectory(parent));
  const file = join(parent, 'copy.db');
  must(server.directory, ['backup', file]);
  const bytes = readFileSync(file);
  bytes.fill(0x5a, 4096 * 3, 4096 * 9);
  writeFileSync(join(parent, 'bad.db'), bytes);
  writeFileSync(join(parent, 'text.db'), 'this is no database\n'.repeat(1000));
  writeFileSync(join(parent, 'empty.db'), '');
  for (const name of ['bad.db', 'text.db', 'empty.db', 'absent.db']) {
    const run = command(join(parent, 'restored'), ['restore', join(parent, name)]);
    assert.notEqual(run.code, 0, name);
    assert.match(run.err, /^rapport: /, name);
    assert.ok(!existsSync(join(parent, 'restored')), name);
  }
});

test('two servers do not serve one data directory', async (t) => {
  const { server } = await serve(t);
  await assert.rejects(Server.start(server.directory), /Another server/);
});

test('a port that is taken is told', async (t) => {
  const { server } = await serve(t);
  const parent = freshDirectory();
  t.after(() => removeDirectory(parent));
  init(join(parent, 'data'));
  const port = new URL(server.url).port;
  const run = command(join(parent, 'data'), ['serve', '--listen', `127.0.0.1:${port}`]);
  assert.equal(run.code, 5);
  assert.match(run.err, /Another program listens on/);
});

test('the server stops at once when it is asked to, and loses nothing', async (t) => {
  const { server } = await serve(t);
  const token = server.makeToken('manager');
  await addPartners(server, token, 5);
  const pending = Array.from({ length: 20 }, (_, i) =>
    server.ask('POST', '/api/v1/partners', { token, body: { name: `Late ${i}` } })
      .then((answer) => answer.status, () => 'cut'));
  const began = Date.now();
  assert.equal(await server.stop(), 0);
  assert.ok(Date.now() - began < 7000);
  const acknowledged = (await Promise.all(pending)).filter((status) => status === 201).length;
  const next = await Server.start(server.directory);
  t.after(() => next.stop());
  const found = await next.ask('GET', '/api/v1/partners?limit=500', { token });
  const late = found.body.items.filter((partner) => partner.name.startsWith('Late')).length;
  assert.ok(late >= acknowledged, `${late} of ${acknowledged}`);
});

// A file system of a few MiB, as root or in a name space of its own; undefined where neither goes.
function smallDisk(t) {
  const directory = freshDirectory();
  const mounted = isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', directory]);
  t.after(() => {
    if (mounted.status === 0) spawnSync('umount', ['-l', directory]);
    removeDirectory(directory);
  });
  return mounted.status === 0 ? directory : undefined;
}

test('a full disk refuses writes with a clear error and loses nothing', async (t) => {
  const disk = smallDisk(t);
  if (!disk) return t.skip('needs the right to mount a small file system');
  const directory = join(disk, 'data');
  init(directory);
  let server = await Server.start(directory);
  t.after(() => server.stop());
  const token = server.makeToken('manager');
  await addPartners(server, token, 3);
  const room = spawnSync('df', ['--output=avail', '-B1', disk], { encoding: 'utf8' });
  const bytes = Number(room.stdout.trim().split('\n').pop());
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(Math.max(0, bytes - 65536)));

  const acknowledged = [];
  let refused;
  for (let i = 0; i < 2000 && !refused; i++) {
    const name = `Full ${i} ${'x'.repeat(100)}`;
    const answer = await server.ask('POST', '/api/v1/partners', {
      token, body: { name, note: 'n'.repeat(3000) },
    });
    if (answer.status === 201) acknowledged.push(answer.body.id);
    else refused = answer;
  }
  assert.ok(refused, 'the disk becomes full');
  assert.equal(refused.status, 507, refused.text);
  assert.match(refused.body.detail, /disk is full|no room/i);
  assert.equal((await server.ask('GET', '/api/v1/partners', { token })).status, 200);
  assert.equal((await server.ask('GET', '/healthz')).status, 200);

  // With room again the same server goes on.
  spawnSync('rm', [join(disk, 'ballast')]);
  await addPartners(server, token, 1);
  await server.kill();
  server = await Server.start(directory);
  for (const id of acknowledged)
    assert.equal((await server.ask('GET', `/api/v1/partners/${id}`, { token })).status, 200);
});

test('a read-only data directory is told and stays as it is', async (t) => {
  const directory = freshDirectory();
  t.after(() => {
    chmodSync(directory, 0o700);
    removeDirectory(directory);
  });
  // Root may write anything, so somebody else runs it: with a copy, for the build may be root's own.
  const copies = freshDirectory();
  t.after(() => removeDirectory(copies));
  chmodSync(copies, 0o755);
  copyFileSync(program, join(copies, 'rapport'));
  const as = isRoot ? { uid: nobody, gid: nobody, program: join(copies, 'rapport') } : {};
  if (isRoot) chownSync(directory, nobody, nobody);
  const made = command(directory, ['init', '--name', 'X', '--admin', 'x@example.com'], as);
  assert.equal(made.code, 0, made.err);
  const file = join(directory, 'rapport.db');
  const before = readFileSync(file);
  for (const name of readdirSync(directory)) chmodSync(join(directory, name), 0o400);
  chmodSync(directory, 0o500);
  const run = command(directory, ['serve', '--listen', '127.0.0.1:0'], { ...as, timeout: 20_000 });
  assert.equal(run.code, 6, run.out + run.err);
  assert.match(run.err, /cannot be written|read-only|Cannot/i);
  assert.ok(before.equals(readFileSync(file)));
});
