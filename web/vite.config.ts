import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// The build lands where the server embeds it. Names carry a hash of the content,
// so that the server may let browsers keep the files for good.
export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: '../server/web/dist',
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'], // the first with light-dark()
    sourcemap: false,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/api': process.env.ROUNDTRIP_API ?? 'http://127.0.0.1:8080' } },
});
