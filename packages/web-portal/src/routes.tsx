import { createBrowserRouter, Navigate } from 'react-router';
import { ConnectPage } from './pages/ConnectPage.tsx';
import { CrashPage } from './pages/CrashPage.tsx';
import { DeletedPage } from './pages/DeletedPage.tsx';
import { FilesPage } from './pages/FilesPage.tsx';
import { NotFoundPage } from './pages/NotFoundPage.tsx';
import { SignedIn } from './pages/SignedIn.tsx';
import { SignInPage } from './pages/SignInPage.tsx';
import { SignUpPage } from './pages/SignUpPage.tsx';

export const router = createBrowserRouter([
	{
		errorElement: <CrashPage />,
		children: [
			{ path: '/', element: <Navigate to="/files" replace /> },
			{ path: '/sign-in', element: <SignInPage /> },
			{ path: '/sign-up', element: <SignUpPage /> },
			{
				element: <SignedIn />,
				children: [
					{ path: '/files/*', element: <FilesPage /> },
					{ path: '/deleted', element: <DeletedPage /> },
					{ path: '/connect', element: <ConnectPage /> },
				],
			},
			{ path: '*', element: <NotFoundPage /> },
		],
	},
]);
