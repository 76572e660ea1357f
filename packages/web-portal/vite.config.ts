import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
	plugins: [react()],
	build: {
		// Browsers that know `light-dark()`; what the build would put in its place does not follow the theme.
		cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
		// Small files too come from the server: the site's policy allows nothing else, and they are cached for good.
		assetsInlineLimit: 0,
		chunkSizeWarningLimit: 1000,
	},
	server: { proxy: { '/api': process.env.MYDROPBOX_WEB ?? 'http://localhost:8080' } },
});
