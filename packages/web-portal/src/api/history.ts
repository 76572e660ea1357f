import {
	ListTrashResponse,
	ListVersionsResponse,
	RestoreDeletedResponse,
	type RestoreVersionRequest,
	RestoreVersionResponse,
} from '@mydropbox/protocol/web';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useRefreshFiles } from './files.ts';
import { REFRESH_MS } from './query-client.ts';
import { request } from './request.ts';

/** The versions of a file, latest first. */
export function useVersions(path: string) {
	return useQuery({
		queryKey: ['files', path, 'versions'],
		queryFn: ({ signal }) => request('GET', '/files/versions', ListVersionsResponse, { query: { path }, signal }),
		select: ({ versions }) => versions,
		refetchInterval: REFRESH_MS,
	});
}

export function useRestoreVersion() {
	const refresh = useRefreshFiles();
	return useMutation({
		mutationFn: (body: RestoreVersionRequest) =>
			request('POST', '/files/versions/restore', RestoreVersionResponse, { body }),
		onSettled: refresh,
	});
}

/** What was deleted, page by page, latest first. */
export function useTrash() {
	return useInfiniteQuery({
		queryKey: ['trash'],
		queryFn: ({ pageParam, signal }) =>
			request('GET', '/trash', ListTrashResponse, {
				...(pageParam !== null && { query: { before: pageParam } }),
				signal,
			}),
		initialPageParam: null as number | null,
		getNextPageParam: (last) => last.nextBefore,
		refetchInterval: REFRESH_MS,
	});
}

export function useRestoreDeleted() {
	const refresh = useRefreshFiles();
	return useMutation({
		mutationFn: (id: string) => request('POST', '/trash/restore', RestoreDeletedResponse, { body: { id } }),
		onSettled: refresh,
	});
}
