import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
	plugins: [react()],
	build: {
		// The site's content security policy allows no data: URLs for scripts, and hashed files are cached for good anyway.
		assetsInlineLimit: 0,
		chunkSizeWarningLimit: 1000,
	},
	server: { proxy: { '/api': process.env.MYDROPBOX_WEB ?? 'http://localhost:8080' } },
});
