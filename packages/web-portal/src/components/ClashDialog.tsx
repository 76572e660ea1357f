import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { plural } from '../format.ts';

export type ClashChoice = 'keep-both' | 'replace' | 'skip';

interface Props {
	readonly names: readonly string[];
	readonly onChoose: (choice: ClashChoice) => void;
	readonly onClose: () => void;
}

/** Before files are uploaded whose names are taken. */
export function ClashDialog({ names, onChoose, onClose }: Props) {
	const one = names.length === 1;
	return (
		<Modal
			opened
			onClose={onClose}
			title={one ? `“${names[0]}” is already here` : `${plural(names.length, 'file')} are already here`}
			closeButtonProps={{ 'aria-label': 'Cancel the upload' }}
		>
			<Stack>
				{!one && (
					<Text size="sm" c="dimmed" lineClamp={3}>
						{names.join(', ')}
					</Text>
				)}
				<Text size="sm">
					Keep both puts the new {one ? 'file' : 'files'} beside the old, as “name (2)”. Replace makes{' '}
					{one ? 'it the new version; the old one stays' : 'them the new versions; the old ones stay'} under
					“Versions…”.
				</Text>
				<Group justify="flex-end">
					<Button variant="subtle" onClick={() => onChoose('skip')}>
						Skip
					</Button>
					<Button variant="default" onClick={() => onChoose('replace')}>
						Replace
					</Button>
					<Button onClick={() => onChoose('keep-both')} data-autofocus>
						Keep both
					</Button>
				</Group>
			</Stack>
		</Modal>
	);
}
