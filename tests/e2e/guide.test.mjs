// Every command that the guide shows is run, and prints what the guide says.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Walk, blocksOf, sameOutput } from './guide.mjs';

const guide = resolve(dirname(fileURLToPath(import.meta.url)), '../../docs/guide');

for (const name of readdirSync(guide).filter((file) => file.endsWith('.md'))) {
  const page = readFileSync(join(guide, name), 'utf8');
  const blocks = blocksOf(page);
  if (blocks.length === 0) continue;
  test(`${name} shows what its commands print`, async () => {
    const walk = await Walk.begin(page);
    try {
      for (const { line, commands } of blocks) {
        for (const step of commands) {
          const printed = await walk.run(step);
          assert.ok(
            sameOutput(step.shown, printed),
            `${name}, block at line ${line}: $ ${step.command}\nshown:\n${step.shown.join('\n')}\nprinted:\n${printed}`,
          );
        }
      }
    } finally {
      await walk.end();
    }
  });
}
