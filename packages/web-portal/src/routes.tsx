import { LINK_PAGE } from '@mydropbox/protocol/web';
import { createBrowserRouter, Navigate } from 'react-router';
import { ConnectPage } from './pages/ConnectPage.tsx';
import { CrashPage } from './pages/CrashPage.tsx';
import { DeletedPage } from './pages/DeletedPage.tsx';
import { FilesPage } from './pages/FilesPage.tsx';
import { LinksPage } from './pages/LinksPage.tsx';
import { NotFoundPage } from './pages/NotFoundPage.tsx';
import { SharedPage } from './pages/SharedPage.tsx';
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
			{ path: LINK_PAGE, element: <SharedPage /> },
			{
				element: <SignedIn />,
				children: [
					{ path: '/files/*', element: <FilesPage /> },
					{ path: '/deleted', element: <DeletedPage /> },
					{ path: '/links', element: <LinksPage /> },
					{ path: '/connect', element: <ConnectPage /> },
				],
			},
			{ path: '*', element: <NotFoundPage /> },
		],
	},
]);
