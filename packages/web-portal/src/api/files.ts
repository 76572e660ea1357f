import { ApiError } from '@mydropbox/protocol';
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

/** Entries that are fetched at once. */
export const LISTING_PAGE = 300;

/** A folder, page by page, looked at again every few seconds. */
export function useListing(path: string) {
	return useInfiniteQuery({
		queryKey: ['files', path],
		queryFn: ({ pageParam, signal }) =>
			request('GET', '/files', ListFilesResponse, { query: { path, offset: pageParam, limit: LISTING_PAGE }, signal }),
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

/** For after every change: listings, versions, what is deleted, links, and the space used are looked at again. */
export function useRefreshFiles(): () => Promise<unknown> {
	const client = useQueryClient();
	return () =>
		Promise.all(['files', 'trash', 'links', 'me'].map((key) => client.invalidateQueries({ queryKey: [key] })));
}

export const createFolder = (path: string) => request('POST', '/folders', CreateFolderResponse, { body: { path } });

export function useCreateFolder(folder: string) {
	const refresh = useRefreshFiles();
	return useMutation({ mutationFn: (name: string) => createFolder(childPath(folder, name)), onSettled: refresh });
}

const move = (from: string, to: string) => request('POST', '/files/move', MoveFileResponse, { body: { from, to } });

export function useRename() {
	const refresh = useRefreshFiles();
	return useMutation({
		mutationFn: ({ from, to }: { from: string; to: string }) => move(from, to),
		onSettled: refresh,
	});
}

/** Fails as `forEach` does. */
export function useMove() {
	const refresh = useRefreshFiles();
	return useMutation({
		mutationFn: ({ entries, target }: { entries: readonly FileEntry[]; target: string }) =>
			forEach(entries, ({ path, name }) => move(path, childPath(target, name))),
		onSettled: refresh,
	});
}

/** Fails as `forEach` does. */
export function useDelete() {
	const refresh = useRefreshFiles();
	return useMutation({
		mutationFn: (entries: readonly FileEntry[]) =>
			forEach(entries, ({ path }) => request('DELETE', '/files', z.undefined(), { query: { path } })),
		onSettled: refresh,
	});
}

/** One after the other; what the server refuses does not stop the rest. @throws the only failure, or SomeFailed. */
async function forEach(entries: readonly FileEntry[], act: (entry: FileEntry) => Promise<unknown>): Promise<void> {
	const failures: ApiError[] = [];
	for (const entry of entries) {
		try {
			await act(entry);
		} catch (error) {
			const isAboutIt = error instanceof ApiError && [404, 409].includes(error.status);
			if (!isAboutIt || entries.length === 1) throw error;
			failures.push(error);
		}
	}
	if (failures.length > 0) throw new SomeFailed(entries.length, failures);
}

/** Of several things, some could not be changed; all others were. */
export class SomeFailed extends Error {
	override readonly name = 'SomeFailed';

	constructor(all: number, failures: readonly ApiError[]) {
		super(`${all - failures.length} of ${all} are done. ${failures[0]?.message}`);
	}
}

/** @param version an older one; the latest when left out. */
export const contentUrl = (path: string, version?: number): string =>
	apiUrl('/files/content', { path, ...(version !== undefined && { version }) });

/** Of a folder with all that is in it, or only with some of that. */
export const archiveUrl = (path: string, only?: readonly FileEntry[]): string =>
	apiUrl('/folders/archive', { path, ...(only && { only: only.map(({ id }) => id).join(',') }) });
