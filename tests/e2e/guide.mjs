// Runs the commands of a guide's page and compares what they print with what the page shows.
//
// Blocks that begin with ```console hold commands after "$ " and their output. All blocks of a page
// run in order in one empty directory, with the built `rapport` in PATH. A command that ends with
// " &" goes on until the page is done; the page goes on once it has printed as many lines as shown.
// A page with "createdb" has a PostgreSQL server of its own, whose tools need no address.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Postgres } from './postgres.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
// The second is where a page runs two servers; the third is for a proxy before them.
const shownPorts = ['8420', '8421', '8080'];
const startMs = 20000;

// What differs from run to run: ids, secrets, instants, durations, rates, sizes.
const varying = [
  [/\b(usr|tok|ptn|con|prd|fct|imp|aud)_[0-9a-hjkmnp-tv-z]{13}\b/g, '$1_…'],
  [/\brapport-verification=[0-9a-f]{32}\b/g, 'rapport-verification=(secret)'],
  [/\b(rpt_)?[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g, '(secret)'],
  [/((?:^|\s)(?:Password|password):?\s+)\S+/g, '$1(password)'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| UTC)?/g, '(time)'],
  [/\b20\d\d-\d\d-\d\d\b/g, '(day)'],
  [/"request_id":"[^"]*"/g, '"request_id":"…"'],
  [/\b\d+(\.\d+)? (ms|s|seconds)\b/g, '(duration)'],
  [/\b[\d,]+ (rows|facts)\/s\b/g, '(rate)'],
  [/\bPostgreSQL \d+\.\d+/g, 'PostgreSQL (version)'],
  [/\bCopied [\d,]+ rows/g, 'Copied (number) rows'],
  [/\b\d+(\.\d+)? (kB|KiB|MB|MiB|GB|GiB)\b/g, '(size)'],
  [/[ \t]+/g, ' '],
];

function withoutVarying(text) {
  return varying.reduce((rest, [pattern, put]) => rest.replace(pattern, put), text).trim();
}

// [{ line, commands: [{ command, shown }] }]
export function blocksOf(page) {
  const blocks = [];
  let block = null;
  page.split('\n').forEach((text, index) => {
    if (!block && text === '```console') {
      block = { line: index + 1, commands: [] };
    } else if (block && text === '```') {
      blocks.push(block);
      block = null;
    } else if (block && text.startsWith('$ ')) {
      block.commands.push({ command: text.slice(2), shown: [] });
    } else if (block) {
      block.commands.at(-1).shown.push(text);
    }
  });
  return blocks;
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return String(port);
}

// One page's directory, port and running servers.
export class Walk {
  static async begin(page) {
    const walk = new Walk();
    walk.directory = mkdtempSync(join(tmpdir(), 'rapport-guide-'));
    walk.ports = [];
    for (const shown of shownPorts) walk.ports.push([shown, await freePort()]);
    walk.servers = [];
    walk.postgres = page.includes('$ createdb ') ? Postgres.start() : null;
    walk.environment = {
      PATH: `${join(root, 'build')}:${process.env.PATH}`,
      HOME: walk.directory,
      LC_ALL: 'C.UTF-8',
      SAMPLES: join(root, 'tests/data'),
      ...(walk.postgres && { PGHOST: walk.postgres.directory, PGUSER: 'postgres' }),
    };
    return walk;
  }

  async run({ command, shown }) {
    const text = this.ports.reduce((rest, [said, real]) => rest.replaceAll(said, real), command);
    const printed = text.endsWith(' &')
      ? await this.#start(text.slice(0, -2), shown.length)
      : this.#finish(text);
    return this.ports.reduce((rest, [said, real]) => rest.replaceAll(real, said), printed)
      .replaceAll(this.directory, '/srv');
  }

  #finish(text) {
    const options = { cwd: this.directory, env: this.environment, encoding: 'utf8', input: '' };
    const { stdout, stderr } = spawnSync('bash', ['-c', text], options);
    return (stdout + stderr).trimEnd();
  }

  async #start(text, lines) {
    const options = { cwd: this.directory, env: this.environment };
    const server = spawn('bash', ['-c', `exec ${text}`], options);
    this.servers.push(server);
    let printed = '';
    server.stdout.on('data', (bytes) => (printed += bytes));
    server.stderr.on('data', (bytes) => (printed += bytes));
    const until = Date.now() + startMs;
    while (printed.split('\n').length <= lines && Date.now() < until && server.exitCode === null) {
      await new Promise((done) => setTimeout(done, 20));
    }
    return printed.split('\n').slice(0, lines).join('\n').trimEnd();
  }

  async end() {
    for (const server of this.servers.filter(({ exitCode }) => exitCode === null)) {
      const ended = new Promise((done) => server.once('exit', done));
      server.kill('SIGTERM');
      await ended;
    }
    this.postgres?.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function sameOutput(shown, printed) {
  return withoutVarying(shown.join('\n')) === withoutVarying(printed);
}

// Writes what the commands really print into the page.
export async function rewrite(path) {
  const page = readFileSync(path, 'utf8');
  const walk = await Walk.begin(page);
  const printed = [];
  for (const block of blocksOf(page)) {
    for (const step of block.commands) printed.push(await walk.run(step));
  }
  await walk.end();
  const lines = [];
  let place = 'prose';
  for (const text of page.split('\n')) {
    if (text === '```console') place = 'block';
    else if (text === '```') place = 'prose';
    const command = place !== 'prose' && text.startsWith('$ ');
    if (command) place = 'output';
    if (command || place !== 'output') lines.push(text);
    const output = command ? printed.shift() : '';
    if (output !== '') lines.push(...output.split('\n'));
  }
  writeFileSync(path, lines.join('\n'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const path of process.argv.slice(2)) await rewrite(path);
}
