import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { ApiError } from '@mydropbox/protocol';
import { ChangePasswordRequest } from '@mydropbox/protocol/web';
import { useChangePassword } from '../api/account.ts';
import { useForm } from '../hooks/use-form.ts';
import { ProblemAlert } from './ProblemView.tsx';
import { toasts } from './toast-store.ts';

/** @param username for password managers: they want to know whose password it is. */
export function ChangePasswordDialog({ username, onClose }: { username: string; onClose: () => void }) {
	const change = useChangePassword();
	const form = useForm(ChangePasswordRequest, { current: '', password: '' }, (values) =>
		change.mutate(values, {
			onSuccess: () => {
				toasts.show('done', 'Your password is changed. Other browsers have to sign in again.');
				onClose();
			},
		}),
	);
	const wrong = change.error instanceof ApiError && change.error.code === 'wrong-password' ? change.error : undefined;
	const current = form.field('current');
	const refused = change.variables?.current === current.value && wrong?.message;
	return (
		<Modal opened onClose={onClose} title="Change your password" closeButtonProps={{ 'aria-label': 'Close' }}>
			<form onSubmit={form.onSubmit} noValidate>
				<input type="hidden" name="username" autoComplete="username" value={username} readOnly />
				<Stack>
					<PasswordInput
						label="Current password"
						autoComplete="current-password"
						data-autofocus
						{...current}
						error={current.error || refused}
					/>
					<PasswordInput
						label="New password"
						description="At least 8 characters; longer is better than complicated"
						autoComplete="new-password"
						{...form.field('password')}
					/>
					<Text size="sm" c="dimmed">
						Other browsers are signed out. Your devices go on syncing; a lost one is signed out under “Connect a
						device”.
					</Text>
					{!wrong && <ProblemAlert error={change.error} />}
					<Group justify="flex-end">
						<Button variant="default" onClick={onClose}>
							Cancel
						</Button>
						<Button type="submit" loading={change.isPending}>
							Change password
						</Button>
					</Group>
				</Stack>
			</form>
		</Modal>
	);
}
