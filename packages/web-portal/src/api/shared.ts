import { type LinkToken, ListFilesResponse, OpenLinkResponse } from '@mydropbox/protocol/web';
import { skipToken, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { LISTING_PAGE } from './files.ts';
import { apiUrl, request } from './request.ts';

/** What a link leads to. The answer comes with a cookie, without which nothing else about the link is told. */
export function useSharedLink(token: LinkToken | undefined) {
	return useQuery({
		queryKey: ['shared', token],
		queryFn: token
			? ({ signal }) => request('POST', '/shared', OpenLinkResponse, { body: { token }, signal })
			: skipToken,
		staleTime: Number.POSITIVE_INFINITY,
	});
}

/** A shared folder, page by page. Nobody waits for a change there: it is looked at again when the window is. */
export function useSharedListing(link: OpenLinkResponse['id'], path: string) {
	return useInfiniteQuery({
		queryKey: ['shared', link, path],
		queryFn: ({ pageParam, signal }) =>
			request('GET', '/shared/files', ListFilesResponse, {
				query: { link, path, offset: pageParam, limit: LISTING_PAGE },
				signal,
			}),
		initialPageParam: 0,
		getNextPageParam: (last) => last.nextOffset,
	});
}

export const sharedContentUrl = (link: OpenLinkResponse['id'], path: string): string =>
	apiUrl('/shared/files/content', { link, path });

export const sharedArchiveUrl = (link: OpenLinkResponse['id'], path: string): string =>
	apiUrl('/shared/folders/archive', { link, path });
