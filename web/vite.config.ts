import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig, type Plugin } from 'vite';

const server = process.env.RAPPORT_URL ?? 'http://127.0.0.1:8420';

// Every file is a round trip for somebody far away: what nearly every screen has comes as one.
const everywhere = /\/src\/lib\/(api|format|live|state|ui)\//;
/** Those of them that few screens have. */
const seldom = /\/(Picker|Conflicts)\.svelte|\/edit\.svelte\.ts/;

const fewFiles: Plugin = {
  name: 'few-files',
  // Not of what SvelteKit only runs to look at it: in Node such a file would need a browser.
  applyToEnvironment: ({ name }) => name === 'client',
  outputOptions: (options) => ({
    ...options,
    experimentalMinChunkSize: 12_000,
    manualChunks: (id) => (everywhere.test(id) && !seldom.test(id) ? 'everywhere' : undefined),
  }),
};

export default defineConfig({
  plugins: [sveltekit(), fewFiles],
  // The server refuses changes whose Host is not their Origin.
  server: { proxy: { '/api': { target: server, changeOrigin: false } } },
  build: { target: 'es2022', modulePreload: { polyfill: false } },
});
