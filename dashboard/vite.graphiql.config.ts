import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** GraphiQL, for development: a build of its own, so that the dashboard neither carries it nor waits for it. */
export default defineConfig({
  plugins: [react()],
  base: '/graphiql/',
  build: {
    outDir: `${process.env.DIST ?? 'dist'}/graphiql`,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rollupOptions: { input: 'graphiql.html' },
    chunkSizeWarningLimit: 3_000,
  },
});
