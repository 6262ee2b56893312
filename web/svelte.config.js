import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  compilerOptions: { runes: true },
  kit: {
    adapter: adapter({ fallback: 'index.html' }),
    // The version tells open pages that the program was upgraded; equal sources give equal bytes.
    version: { name: process.env.RAPPORT_PAGE_VERSION ?? 'development', pollInterval: 0 },
    output: { bundleStrategy: 'split' },
  },
};
