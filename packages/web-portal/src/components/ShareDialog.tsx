import { Button, Group, Modal, NativeSelect, Stack, Text } from '@mantine/core';
import type { FileEntry } from '@mydropbox/protocol/web';
import { useState } from 'react';
import { useCreateLink, useLinks } from '../api/links.ts';
import { plural } from '../format.ts';
import { linkAddress } from '../location.ts';
import { LinksAnchor, NewLink } from './NewLink.tsx';
import { ProblemAlert } from './ProblemView.tsx';

const NEVER = '';
const ENDS = [
	{ value: NEVER, label: 'Never' },
	{ value: '1', label: 'After 1 day' },
	{ value: '7', label: 'After 7 days' },
	{ value: '30', label: 'After 30 days' },
	{ value: '365', label: 'After 1 year' },
];

/** Makes a link to a file or folder, and shows it once. */
export function ShareDialog({ entry: { kind, name, path }, onClose }: { entry: FileEntry; onClose: () => void }) {
	const [days, setDays] = useState('30');
	const create = useCreateLink();
	const submit = () => create.mutate({ path, days: days === NEVER ? null : Number(days) });
	return (
		<Modal
			opened
			onClose={onClose}
			title={`Share “${name}”`}
			closeButtonProps={{ 'aria-label': 'Close' }}
			// Nothing that happens by mistake may take away what is shown only once.
			closeOnClickOutside={create.isIdle}
			closeOnEscape={create.isIdle}
		>
			{create.data ? (
				<NewLink address={linkAddress(window.location.origin, create.data.token)} onClose={onClose} />
			) : (
				<Stack>
					<Text size="sm">
						Everybody who has the link can see and download “{name}”
						{kind === 'folder' && ', with everything that is or will be in it'}, without an account. The link goes on
						working when you rename or move the {kind}.
					</Text>
					<NativeSelect
						label="The link ends"
						data={ENDS}
						value={days}
						onChange={(event) => setDays(event.currentTarget.value)}
						data-autofocus
					/>
					<ProblemAlert error={create.error} />
					<Group justify="flex-end">
						<Button variant="default" onClick={onClose} disabled={create.isPending}>
							Cancel
						</Button>
						<Button onClick={submit} loading={create.isPending}>
							Create link
						</Button>
					</Group>
					<EarlierLinks path={path} />
				</Stack>
			)}
		</Modal>
	);
}

/** That it is shared already; nothing when it is not, or while that is not known. */
function EarlierLinks({ path }: { path: string }) {
	const links = useLinks().data?.filter((link) => link.path === path) ?? [];
	if (links.length === 0) return null;
	return (
		<Text size="sm" c="dimmed">
			{plural(links.length, 'link leads', 'links lead')} here already. You can see and end{' '}
			{links.length === 1 ? 'it' : 'them'} under <LinksAnchor />.
		</Text>
	);
}
