// The guide's own configuration of nginx, before two servers on one database.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeLoad, post, random } from './load.mjs';
import { Postgres, addressOf, initOn, serveOn } from './postgres.mjs';
import { Follower, sleep, until } from './stream.mjs';

const WAIT_MS = 60_000;
const page = join(dirname(fileURLToPath(import.meta.url)), '../../docs/guide/postgres.md');
const nginx = '/usr/sbin/nginx';

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return String(port);
}

// nginx as the page says, with these servers behind it; its address.
async function startProxy(t, servers) {
  const directory = mkdtempSync(join(tmpdir(), 'rapport-nginx-'));
  const port = await freePort();
  const ports = servers.map(({ url }) => new URL(url).port);
  const [, shown] = readFileSync(page, 'utf8').match(/```nginx\n([^]*?)```/);
  const site = shown.replace('127.0.0.1:8420', `127.0.0.1:${ports[0]}`)
    .replace('127.0.0.1:8421', `127.0.0.1:${ports[1]}`)
    .replace('listen 8080', `listen 127.0.0.1:${port}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/${name};`).join(' ');
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, `daemon off; master_process off; pid ${directory}/pid;
    error_log ${directory}/error.log; events { worker_connections 512; }
    http { access_log off; ${temporary} ${site} }`);
  const child = spawn(nginx, ['-p', directory, '-e', `${directory}/error.log`, '-c', file]);
  let told = '';
  child.stderr.on('data', (text) => (told += text));
  const ended = new Promise((done) => child.once('exit', done));
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  const answers = () => fetch(`${url}/healthz`).then(({ status }) => status === 200, () => false);
  const deadline = Date.now() + WAIT_MS;
  while (!(await answers())) {
    assert.ok(Date.now() < deadline && child.exitCode === null, told);
    await sleep(50);
  }
  return url;
}

test('a stream through nginx tells facts as they come, and goes on when a server is stopped',
  { timeout: 180_000 }, async (t) => {
    const postgres = Postgres.start();
    t.after(() => postgres.stop());
    postgres.create('rapport');
    const url = addressOf([postgres], 'rapport');
    initOn(t, url);
    const trusted = ['--trusted-proxy', '127.0.0.1'];
    const servers = [await serveOn(t, url, trusted), await serveOn(t, url, trusted)];
    const token = servers[0].makeToken('administrator');
    const load = await makeLoad(servers[0], token, random(7));
    const proxied = Object.create(servers[0], { url: { value: await startProxy(t, servers) } });
    const follower = new Follower(() => proxied, token).start();
    t.after(() => follower.stop());
    assert.ok(await until(() => follower.open, WAIT_MS));
    for (let i = 1; i <= 10; i++) {
      await post(proxied, token, load, load.facts(1), 'one');
      assert.ok(await until(() => follower.told === i, WAIT_MS), `${follower.told} of ${i}`);
    }
    await post(proxied, token, load, load.facts(300), 'lines');
    await servers[0].stop();
    await post(proxied, token, load, load.facts(20), 'array');
    assert.ok(await until(() => follower.told === 330, WAIT_MS), `${follower.told} of 330`);
  });
