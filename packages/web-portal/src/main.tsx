import '@mantine/core/styles.css';
import './global.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';
import { z } from 'zod';
import { queryClient } from './api/query-client.ts';
import { Toasts } from './components/Toasts.tsx';
import { router } from './routes.tsx';
import { theme } from './theme.ts';

// The content security policy forbids eval, which zod would otherwise try first.
z.config({ jitless: true });

createRoot(document.getElementById('root')!).render(
	<StrictMode>
		<MantineProvider theme={theme} defaultColorScheme="auto">
			<QueryClientProvider client={queryClient}>
				<RouterProvider router={router} />
				<Toasts />
			</QueryClientProvider>
		</MantineProvider>
	</StrictMode>,
);
