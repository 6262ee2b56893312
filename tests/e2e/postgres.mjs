// PostgreSQL servers of a test's own (tests/support/postgres), and servers of ours on them.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server, init } from './server.mjs';

const support = join(dirname(fileURLToPath(import.meta.url)), '..', 'support', 'postgres');

function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${status} ${stderr}`);
  return stdout;
}

// The same while the test goes on.
function runBeside(program, args) {
  return new Promise((resolve, reject) => {
    spawn(program, args, { stdio: 'ignore' }).on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ${args.join(' ')}: ${code}`)));
  });
}

function freshPlace() {
  const directory = mkdtempSync(join(tmpdir(), 'rapport-pg-'));
  chmodSync(directory, 0o755);
  return directory;
}

export class Postgres {
  constructor(directory, settings = [], words = ['start', directory]) {
    this.directory = directory;
    run(support, [...words, ...settings]);
  }

  // In a directory that is gone with the server.
  static start(settings) {
    return new Postgres(freshPlace(), settings);
  }

  // A replica of that one, in a directory that is gone with it.
  static follow(primary, settings) {
    const directory = freshPlace();
    return new Postgres(directory, settings, ['replica', directory, primary.directory]);
  }

  // `user` may hold a password: "postgres:secret".
  url(name, user = 'postgres') {
    return `postgres://${user}@/${name}?host=${this.directory}`;
  }

  // A new empty database; its address.
  create(name) {
    this.query('postgres', `CREATE DATABASE ${name}`);
    return this.url(name);
  }

  // What one statement answers: columns apart by "|", a row a line.
  query(name, sql) {
    return run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', sql, this.url(name)]).trim();
  }

  promote() {
    return runBeside(support, ['promote', this.directory]);
  }

  kill() {
    return runBeside(support, ['kill', this.directory]);
  }

  stop() {
    spawnSync(support, ['stop', this.directory]); // it may have been killed
    rmSync(this.directory, { recursive: true, force: true });
  }
}

// One address of one database on any of these servers: whichever can write is found.
export function addressOf(servers, name) {
  const hosts = servers.map(({ directory }) => directory).join(',');
  return `postgres:///${name}?user=postgres&host=${hosts}`;
}

// The tables and the first administrator; the environment in which commands find the database.
export function initOn(t, url) {
  const directory = mkdtempSync(join(tmpdir(), 'rapport-e2e-'));
  const env = { ...process.env, RAPPORT_DB: url };
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  init(directory, [], { env });
  return env;
}

// A `rapport serve` on that database, with a data directory of its own.
export async function serveOn(t, url, args = []) {
  const directory = mkdtempSync(join(tmpdir(), 'rapport-e2e-'));
  const env = { ...process.env, RAPPORT_DB: url };
  const server = await Server.start(directory, args, { env });
  server.env = env;
  t.after(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  return server;
}
