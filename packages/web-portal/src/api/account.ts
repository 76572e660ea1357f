import type { SignUpRequest } from '@mydropbox/protocol';
import {
	type ChangePasswordRequest,
	ConnectResponse,
	type CreateSessionRequest,
	CreateSessionResponse,
	MeResponse,
	SignUpResponse,
	SignUpsResponse,
} from '@mydropbox/protocol/web';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { isSignedOut } from './query-client.ts';
import { request } from './request.ts';

/** The account that is signed in; `null` when nobody is. */
export function useMe() {
	return useQuery({
		queryKey: ['me'],
		queryFn: async ({ signal }) => {
			try {
				return await request('GET', '/me', MeResponse, { signal });
			} catch (error) {
				if (isSignedOut(error)) return null;
				throw error;
			}
		},
		refetchInterval: 15_000,
	});
}

export function useSignIn() {
	const client = useQueryClient();
	return useMutation({
		mutationFn: (body: CreateSessionRequest) => request('POST', '/session', CreateSessionResponse, { body }),
		// Nothing that another account saw may be shown to this one.
		onSuccess: () => client.clear(),
	});
}

/** Whether new accounts are taken; undefined while that is not known. */
export function useSignUps() {
	const { data } = useQuery({
		queryKey: ['sign-ups'],
		queryFn: ({ signal }) => request('GET', '/sign-ups', SignUpsResponse, { signal }),
	});
	return data?.signUps;
}

export function useSignUp() {
	const signIn = useSignIn();
	return useMutation({
		mutationFn: async (body: SignUpRequest) => {
			await request('POST', '/users', SignUpResponse, { body });
			await signIn.mutateAsync({ username: body.username, password: body.password });
		},
	});
}

export function useSignOut() {
	const client = useQueryClient();
	return useMutation({
		mutationFn: () => request('DELETE', '/session', z.undefined()),
		onSuccess: () => client.clear(),
	});
}

export function useChangePassword() {
	return useMutation({
		mutationFn: (body: ChangePasswordRequest) => request('PUT', '/me/password', z.undefined(), { body }),
	});
}

export function useConnect() {
	return useQuery({
		queryKey: ['connect'],
		queryFn: ({ signal }) => request('GET', '/connect', ConnectResponse, { signal }),
	});
}
