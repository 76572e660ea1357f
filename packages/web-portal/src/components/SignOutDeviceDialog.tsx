import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { ConnectedDevice } from '@mydropbox/protocol/web';
import { useSignOutDevice } from '../api/devices.ts';
import { ProblemAlert } from './ProblemView.tsx';
import { toasts } from './toast-store.ts';

export function SignOutDeviceDialog({ device, onClose }: { device: ConnectedDevice; onClose: () => void }) {
	const signOut = useSignOutDevice();
	const submit = () =>
		signOut.mutate(device, {
			onSuccess: () => {
				toasts.show('done', `Signed out “${device.name}”.`);
				onClose();
			},
		});
	return (
		<Modal opened onClose={onClose} title={`Sign out “${device.name}”?`} closeButtonProps={{ 'aria-label': 'Close' }}>
			<Stack>
				<Text size="sm">
					Within 15 minutes it can no longer read or change your files here. What is in its folder stays there, and here
					nothing is deleted. Your password is not on it.
				</Text>
				<ProblemAlert error={signOut.error} />
				<Group justify="flex-end">
					<Button variant="default" onClick={onClose} data-autofocus>
						Keep it
					</Button>
					<Button color="red.9" onClick={submit} loading={signOut.isPending}>
						Sign out
					</Button>
				</Group>
			</Stack>
		</Modal>
	);
}
