// Starts the real program on a data directory of its own, and talks to it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const program = process.env.RAPPORT ?? join(root, 'build', 'rapport');
const START_MS = 30_000;

export const allScopes = 'read,facts,directory,import,administration';

// The databases of directories on the PostgreSQL server at TEST_POSTGRES; without one, a directory has
// its database in a file.
const databases = new Map();

function psql(sql) {
  const run = spawnSync('psql', ['-q', '-d', process.env.TEST_POSTGRES, '-c', sql], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`psql: ${run.error ?? run.stderr}`);
}

export function databaseUrl(name) {
  const url = new URL(process.env.TEST_POSTGRES);
  url.pathname = `/${name}`;
  return url.href;
}

// `file`: its database is a file whatever engine is tested.
export function freshDirectory({ file = false } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'rapport-e2e-'));
  if (process.env.TEST_POSTGRES && !file) {
    const name = basename(directory).replace(/\W/g, '_').toLowerCase() + `_${process.pid}`;
    psql(`CREATE DATABASE ${name}`);
    databases.set(directory, name);
  }
  return directory;
}

export function removeDirectory(directory) {
  rmSync(directory, { recursive: true, force: true });
  if (databases.has(directory)) psql(`DROP DATABASE ${databases.get(directory)} WITH (FORCE)`);
  databases.delete(directory);
}

// What the program finds its database by.
export function environment(directory, env = process.env) {
  const name = databases.get(directory);
  return name ? { RAPPORT_DB: databaseUrl(name), ...env } : env;
}

// Runs one command on a data directory: {code, out, err}. `options.program` is a copy to run instead.
export function command(directory, args, options = {}) {
  const run = spawnSync(options.program ?? program, ['--data', directory, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...options,
    env: environment(directory, options.env),
  });
  if (run.error) throw run.error;
  return { code: run.status, signal: run.signal, out: run.stdout, err: run.stderr };
}

// The same, for a command that must succeed; its output.
export function must(directory, args, options) {
  const run = command(directory, args, options);
  if (run.code !== 0) throw new Error(`rapport ${args.join(' ')}: ${run.code} ${run.err}`);
  return run.out;
}

export const admin = { email: 'ada@example.com', password: '' };

// A data directory with an organisation and the administrator above; the password it was given.
export function init(directory, args = [], options = undefined) {
  const out = must(directory, [
    'init', '--name', 'Test Vendor', '--admin', admin.email, '--country', 'AT',
    '--currency', 'EUR', '--time-zone', 'Europe/Vienna', ...args,
  ], options);
  const found = out.match(/with the password (\S+)/);
  if (!found) throw new Error(`init prints no password: ${out}`);
  return found[1];
}

// What a stream says until this text has come, or until its end; then it is left.
async function readStream(answer, until) {
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (value) text += decoder.decode(value, { stream: true });
    if (done || text.includes(until)) break;
  }
  await reader.cancel();
  return text;
}

// A server that was started: its address, its log, and ways to end it.
export class Server {
  constructor(directory, child, url, announced) {
    this.directory = directory;
    this.child = child;
    this.url = url;
    this.announced = announced;
    this.log = '';
    this.env = undefined; // where it is not that of the directory
  }

  static async start(directory, args = [], options = {}) {
    const rate = args.includes('--rate') ? [] : ['--rate', '0'];
    const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
    const child = spawn(
      program,
      ['--data', directory, 'serve', ...listen, ...rate, ...args],
      { stdio: ['ignore', 'pipe', 'pipe'], ...options, env: environment(directory, options.env) },
    );
    let out = '';
    let server;
    const log = { text: '' };
    child.stderr.setEncoding('utf8').on('data', (text) => {
      if (server) server.log += text;
      else log.text += text;
    });
    const url = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no start: ${out}${log.text}`)), START_MS);
      child.stdout.setEncoding('utf8').on('data', (text) => {
        out += text;
        const found = out.match(/(https?:\/\/\S+:\d+)\n/);
        if (found && out.includes('Ctrl-C')) {
          clearTimeout(timer);
          resolve(found[1]);
        }
      });
      child.on('exit', (code, signal) => {
        clearTimeout(timer);
        const error = new Error(`serve ended with ${code ?? signal}: ${out}${log.text}`);
        error.code = code;
        error.text = out + log.text;
        reject(error);
      });
    });
    server = new Server(directory, child, url, out);
    server.log = log.text;
    return server;
  }

  get running() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async end(signal) {
    if (!this.running) return this.child.exitCode;
    const ended = new Promise((resolve) => this.child.once('exit', (code) => resolve(code)));
    this.child.kill(signal);
    return ended;
  }

  stop() {
    return this.end('SIGTERM');
  }

  kill() {
    return this.end('SIGKILL');
  }

  // One request: {status, headers, text, body (parsed JSON), cookie}.
  async ask(method, path, { token, cookie, body, raw, headers = {} } = {}) {
    const all = { ...headers };
    if (token) all.authorization = `Bearer ${token}`;
    if (cookie) all.cookie = cookie;
    if (body !== undefined && !all['content-type']) all['content-type'] = 'application/json';
    const answer = await fetch(this.url + path, {
      method,
      headers: all,
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
      redirect: 'manual',
    });
    const type = (answer.headers.get('content-type') ?? '').split(';')[0];
    const text = type === 'text/event-stream'
      ? await readStream(answer, 'event: ready\n')
      : await answer.text();
    const isJson = type === 'application/json' || type.endsWith('+json');
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: isJson && text ? JSON.parse(text) : undefined,
      cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0],
    };
  }

  async signIn(email, password) {
    return this.ask('POST', '/api/v1/session', { body: { email, password } });
  }

  // The secret of a new token, made on the command line.
  makeToken(role, scopes = allScopes, args = []) {
    const out = must(this.directory, [
      'token', 'create', `${role}-${scopes}`, '--role', role, '--scopes', scopes, '--json', ...args,
    ], { env: this.env });
    return JSON.parse(out).secret;
  }
}

// A fresh directory, initialised and served until the test ends; {server, password}.
export async function serve(t, args = [], place = {}) {
  const directory = freshDirectory(place);
  const password = init(directory);
  const server = await Server.start(directory, args);
  t.after(async () => {
    await server.stop();
    removeDirectory(directory);
  });
  return { server, password };
}
