import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type SharedLink, splitPath } from '@mydropbox/protocol/web';
import { useEndLink } from '../api/links.ts';
import { ProblemAlert } from './ProblemView.tsx';
import { toasts } from './toast-store.ts';

export function EndLinkDialog({ link, onClose }: { link: SharedLink; onClose: () => void }) {
	const end = useEndLink();
	const target = link.path === null ? 'what was deleted' : `“${splitPath(link.path)[1]}”`;
	const submit = () =>
		end.mutate(link, {
			onSuccess: () => {
				toasts.show('done', `Ended the link to ${target}.`);
				onClose();
			},
		});
	return (
		<Modal opened onClose={onClose} title={`End the link to ${target}?`} closeButtonProps={{ 'aria-label': 'Close' }}>
			<Stack>
				<Text size="sm">
					{link.path === null
						? 'Whoever has it will see nothing, even if you bring back what it led to.'
						: `Whoever has it cannot see ${target} any more.`}{' '}
					What they have downloaded stays with them.
				</Text>
				<ProblemAlert error={end.error} />
				<Group justify="flex-end">
					<Button variant="default" onClick={onClose} data-autofocus>
						Keep it
					</Button>
					<Button color="red.9" onClick={submit} loading={end.isPending}>
						End link
					</Button>
				</Group>
			</Stack>
		</Modal>
	);
}
