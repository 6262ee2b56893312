// `rapport export` and pipes: every row of the sample, for other programs to read.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = resolve(dirname(fileURLToPath(import.meta.url)), '../../build/rapport');

function rapport(directory, ...words) {
  const options = { cwd: directory, encoding: 'utf8' };
  const { status, stdout, stderr } = spawnSync(program, words, options);
  assert.equal(status, 0, stderr);
  return stdout;
}

function rows(directory, name) {
  return readFileSync(join(directory, 'all', name), 'utf8').split('\r\n').length - 2;
}

test('an export holds every row of the sample, archived ones too', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rapport-export-'));
  try {
    rapport(directory, 'init', '--sample');
    rapport(directory, 'contact', 'add', 'Brakes and Gears', '--name', 'Ann Archived');
    rapport(directory, 'contact', 'add', 'Brakes and Gears', '--name', 'Pat Present');
    const contacts = JSON.parse(rapport(directory, 'contact', 'list', 'Brakes and Gears', '--json'));
    rapport(directory, 'contact', 'archive', contacts[0].id);
    rapport(directory, 'partner', 'archive', 'A Bike Store');
    rapport(directory, 'export', 'all');
    assert.equal(rows(directory, 'partners.csv'), 701);
    assert.equal(rows(directory, 'contacts.csv'), 2);
    assert.equal(rows(directory, 'products.csv'), 397);
    assert.equal(rows(directory, 'facts.csv'), 3616 + 57851);
    const facts = readFileSync(join(directory, 'all', 'facts.csv'), 'utf8').split('\r\n').slice(1, -1);
    const cents = facts
      .map((line) => line.split(','))
      .filter((cells) => cells[2] === 'order')
      .reduce((sum, cells) => sum + BigInt(cells[6].replace('.', '')), 0n);
    assert.equal(cents, 7754857020n);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('a reader that has seen enough is no failure to talk about', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rapport-pipe-'));
  try {
    rapport(directory, 'init', '--sample');
    const script = `"${program}" partner list --all --json --data rapport-data | head -c 10`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: directory, encoding: 'utf8' });
    assert.equal(stdout.length, 10);
    assert.equal(stderr, '');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
