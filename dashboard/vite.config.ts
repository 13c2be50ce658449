import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: process.env.DIST ?? 'dist',
    emptyOutDir: true,
    manifest: true,
    // Everything is a file of its own: the Content-Security-Policy allows nothing inline, no data: URL either.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    // ECharts, loaded where a chart is shown.
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/graphql': { target: process.env.SERVICE_URL ?? 'http://127.0.0.1:8000', ws: true },
      '/auth': process.env.SERVICE_URL ?? 'http://127.0.0.1:8000',
      '/api': process.env.SERVICE_URL ?? 'http://127.0.0.1:8000',
      '/dashboard': process.env.SERVICE_URL ?? 'http://127.0.0.1:8000',
    },
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing.ts'],
    restoreMocks: true,
  },
});
