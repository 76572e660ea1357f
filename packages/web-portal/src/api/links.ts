import {
	type CreateLinkRequest,
	CreateLinkResponse,
	ListLinksResponse,
	type SharedLink,
} from '@mydropbox/protocol/web';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { REFRESH_MS } from './query-client.ts';
import { request } from './request.ts';

const KEY = ['links'];

/** The links that the account has given out, newest first. */
export function useLinks() {
	return useQuery({
		queryKey: KEY,
		queryFn: async ({ signal }) => (await request('GET', '/links', ListLinksResponse, { signal })).links,
		refetchInterval: REFRESH_MS,
	});
}

export function useCreateLink() {
	const client = useQueryClient();
	return useMutation({
		mutationFn: (body: CreateLinkRequest) => request('POST', '/links', CreateLinkResponse, { body }),
		onSettled: () => client.invalidateQueries({ queryKey: KEY }),
	});
}

export function useEndLink() {
	const client = useQueryClient();
	return useMutation({
		mutationFn: ({ id }: SharedLink) => request('DELETE', '/links', z.undefined(), { query: { id } }),
		onSettled: () => client.invalidateQueries({ queryKey: KEY }),
	});
}
