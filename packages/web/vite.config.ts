/** How the page is built: into `dist/`, all of it from this peer, nothing inline, so that a strict CSP holds. */
import { join } from 'node:path'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  resolve: {
    alias: [{ find: /^.*\/generated-prefix-list\.js$/, replacement: join(import.meta.dirname, 'src/refresh-keys.ts') }],
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2024',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // libp2p is most of it, and the page is nothing without it; test/browser holds the size
    chunkSizeWarningLimit: 1_200,
  },
})
