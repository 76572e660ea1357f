import { Center, Loader } from '@mantine/core';
import { Navigate, Outlet, useLocation } from 'react-router';
import { useMe } from '../api/account.ts';
import { AppFrame } from '../components/AppFrame.tsx';
import { ProblemView } from '../components/ProblemView.tsx';
import { UploadsProvider } from '../uploads/UploadsProvider.tsx';

/** Lets in who is signed in; leads everybody else to the sign-in page and back. */
export function SignedIn() {
	const { pathname } = useLocation();
	const me = useMe();

	if (me.data === null) {
		return (
			<Navigate to={pathname === '/files' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(pathname)}`} replace />
		);
	}
	if (me.data) {
		return (
			<UploadsProvider>
				<AppFrame me={me.data}>
					<Outlet context={me.data} />
				</AppFrame>
			</UploadsProvider>
		);
	}
	if (me.error) return <ProblemView error={me.error} onRetry={() => me.refetch()} />;
	return (
		<Center h="100dvh">
			<Loader aria-label="Loading" />
		</Center>
	);
}
