import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

const server = process.env.RAPPORT_URL ?? 'http://127.0.0.1:8420';

export default defineConfig({
  plugins: [sveltekit()],
  server: { proxy: { '/api': server } },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    // Every file is a round trip for somebody far away.
    rollupOptions: { output: { experimentalMinChunkSize: 12_000 } },
  },
});
