import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where an analyzer listens while the page is worked on with `npm run dev:web`. */
const ANALYZER = process.env.CANOPY_URL ?? 'http://127.0.0.1:8082';

/** The page and the explorer, two entries that share what both need; served by the analyzer from `dist/web`. */
export default defineConfig({
  root: here('.'),
  plugins: [react()],
  // The analyzer's policy allows scripts of its own address only: nothing may be inlined.
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
    // React's compiler marks its own runtime in a way that means nothing in a bundle.
    rollupOptions: { checks: { moduleLevelDirective: false }, input: { page: here('index.html'), explorer: here('explorer.html') } },
  },
  worker: { format: 'es' },
  server: { proxy: { '/graphql': { target: ANALYZER, ws: true, changeOrigin: true } } },
});
