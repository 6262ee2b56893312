import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

// Tells open pages that the program was upgraded: equal sources give equal bytes.
function versionOfSources() {
  const hash = createHash('sha256');
  const files = ['src', 'static'].flatMap((directory) =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.d.ts'))
      .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`),
  );
  for (const file of files.sort()) hash.update(readFileSync(file));
  return hash.update(readFileSync('package-lock.json')).digest('hex').slice(0, 16);
}

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  compilerOptions: { runes: true },
  kit: {
    adapter: adapter({ fallback: 'index.html' }),
    version: { name: versionOfSources(), pollInterval: 5 * 60 * 1000 },
  },
};
