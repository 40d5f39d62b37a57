import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { firstLoadLimit } from './build/first-load-limit.ts';
import { serviceWorkerOfBuild } from './build/service-worker.ts';

const backEnd = process.env['WARROOM_URL'] ?? 'http://127.0.0.1:8000';
const toBackEnd = { target: backEnd, changeOrigin: false };

export default defineConfig({
  plugins: [react(), firstLoadLimit({ compressedKbMax: 250 }), serviceWorkerOfBuild(fileURLToPath(new URL('./public', import.meta.url)))],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: '../wwwroot',
    emptyOutDir: true,
    target: 'es2023',
    // Inlined assets would be data: addresses, which the content security policy refuses for fonts and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The limit that counts is that of the first load, compressed.
    chunkSizeWarningLimit: 800,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': toBackEnd, '/health': toBackEnd, '/hubs': { ...toBackEnd, ws: true } },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['./src/shared/testing/setup.ts'],
    include: ['{src,build}/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    testTimeout: 20_000,
  },
});
