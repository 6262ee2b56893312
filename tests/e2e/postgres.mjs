// A PostgreSQL server of a test's own: tests/support/postgres.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

export class Postgres {
  constructor(directory, settings = []) {
    this.directory = directory;
    run(support, ['start', directory, ...settings]);
  }

  // In a directory that is gone with the server.
  static start(settings) {
    const directory = mkdtempSync(join(tmpdir(), 'rapport-pg-'));
    chmodSync(directory, 0o755);
    return new Postgres(directory, settings);
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

  stop() {
    run(support, ['stop', this.directory]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
