import {
	CreateFolderResponse,
	childPath,
	type FileEntry,
	ListFilesResponse,
	MoveFileResponse,
} from '@mydropbox/protocol/web';
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { REFRESH_MS } from './query-client.ts';
import { apiUrl, request } from './request.ts';

const PAGE = 300;

/** A folder, page by page, looked at again every few seconds. */
export function useListing(path: string) {
	return useInfiniteQuery({
		queryKey: ['files', path],
		queryFn: ({ pageParam, signal }) =>
			request('GET', '/files', ListFilesResponse, { query: { path, offset: pageParam, limit: PAGE }, signal }),
		initialPageParam: 0,
		getNextPageParam: (last) => last.nextOffset,
		refetchInterval: REFRESH_MS,
	});
}

/** Only the folders in a folder: they come first, so that one page nearly always has them all. */
export function useFolders(path: string) {
	return useInfiniteQuery({
		queryKey: ['files', path, 'folders'],
		queryFn: ({ pageParam, signal }) =>
			request('GET', '/files', ListFilesResponse, { query: { path, offset: pageParam }, signal }),
		initialPageParam: 0,
		getNextPageParam: (last) => (last.entries.at(-1)?.kind === 'folder' ? last.nextOffset : null),
		select: ({ pages }) => pages.flatMap((page) => page.entries).filter((entry) => entry.kind === 'folder'),
		placeholderData: keepPreviousData,
	});
}

/** For after every change: listings, versions, what is deleted, and the space used are looked at again. */
export function useRefreshFiles(): () => Promise<unknown> {
	const client = useQueryClient();
	return () => Promise.all(['files', 'trash', 'me'].map((key) => client.invalidateQueries({ queryKey: [key] })));
}

export const createFolder = (path: string) => request('POST', '/folders', CreateFolderResponse, { body: { path } });

export function useCreateFolder(folder: string) {
	const refresh = useRefreshFiles();
	return useMutation({ mutationFn: (name: string) => createFolder(childPath(folder, name)), onSettled: refresh });
}

export function useMove() {
	const refresh = useRefreshFiles();
	return useMutation({
		mutationFn: (move: { from: string; to: string }) =>
			request('POST', '/files/move', MoveFileResponse, { body: move }),
		onSettled: refresh,
	});
}

export function useDelete() {
	const refresh = useRefreshFiles();
	return useMutation({
		mutationFn: (entry: FileEntry) => request('DELETE', '/files', z.undefined(), { query: { path: entry.path } }),
		onSettled: refresh,
	});
}

/** @param version an older one; the latest when left out. */
export const contentUrl = (path: string, version?: number): string =>
	apiUrl('/files/content', { path, ...(version !== undefined && { version }) });

/** Of a folder with all that is in it. */
export const archiveUrl = (path: string): string => apiUrl('/folders/archive', { path });
