import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

const server = process.env.RAPPORT_URL ?? 'http://127.0.0.1:8420';

export default defineConfig({
  plugins: [sveltekit()],
  // The server refuses changes whose Host is not their Origin.
  server: { proxy: { '/api': { target: server, changeOrigin: false } } },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    // Every file is a round trip for somebody far away.
    rollupOptions: { output: { experimentalMinChunkSize: 12_000 } },
  },
});
