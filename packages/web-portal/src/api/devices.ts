import { type ConnectedDevice, ListDevicesResponse } from '@mydropbox/protocol/web';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { REFRESH_MS } from './query-client.ts';
import { request } from './request.ts';

const KEY = ['devices'];

export function useDevices() {
	return useQuery({
		queryKey: KEY,
		queryFn: async ({ signal }) => (await request('GET', '/devices', ListDevicesResponse, { signal })).devices,
		refetchInterval: REFRESH_MS,
	});
}

export function useSignOutDevice() {
	const client = useQueryClient();
	return useMutation({
		mutationFn: ({ id }: ConnectedDevice) => request('DELETE', '/devices', z.undefined(), { query: { id } }),
		onSettled: () => client.invalidateQueries({ queryKey: KEY }),
	});
}
