import { ApiError } from '@mydropbox/protocol';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';

/** Seconds between two looks at what is shown: other devices change it at any time. */
export const REFRESH_MS = 4000;

export const isSignedOut = (error: unknown): boolean =>
	error instanceof ApiError && (error.code === 'not-signed-in' || error.code === 'token-expired');

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.code === 'not-found';

/** Whoever notices that the session is over makes `me` be asked again, and `SignedIn` then leads to the sign-in page. */
export function noteProblem(error: unknown): void {
	if (isSignedOut(error)) void queryClient.invalidateQueries({ queryKey: ['me'] });
}

export const queryClient: QueryClient = new QueryClient({
	queryCache: new QueryCache({ onError: (error, query) => query.queryKey[0] !== 'me' && noteProblem(error) }),
	mutationCache: new MutationCache({ onError: noteProblem }),
	defaultOptions: {
		// The server may be on this very machine: being offline says nothing about it.
		queries: { networkMode: 'always', retry: worthRepeating, retryDelay: 1000 },
		mutations: { networkMode: 'always' },
	},
});

function worthRepeating(failures: number, error: unknown): boolean {
	return failures < 1 && !(error instanceof ApiError);
}
