import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// `npm run dev` serves the sources and passes calls on to a hub: LEPTON_HUB=http://127.0.0.1:8080
export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // Nothing inline: the hub's content security policy allows files of its own alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { '/api': { target: process.env.LEPTON_HUB ?? 'http://127.0.0.1:8080', changeOrigin: true } } },
});
