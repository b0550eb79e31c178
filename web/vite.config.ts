import { defineConfig } from 'vite';

// The gateway serves these files with `default-src 'self'`: nothing may be inlined.
const gateway = process.env.BUSBAR_URL ?? 'http://localhost:4180';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    proxy: { '/api': { target: gateway, ws: true, secure: false }, '/mock': { target: gateway } },
  },
});
