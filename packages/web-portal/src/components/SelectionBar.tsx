import { ActionIcon, Button, Group, Text, Tooltip } from '@mantine/core';
import { type FileEntry, MOST_IN_ARCHIVE } from '@mydropbox/protocol/web';
import { IconDownload, IconFolderSymlink, IconTrash, IconX } from '@tabler/icons-react';

export type SelectionAction = 'download' | 'move' | 'delete';

interface Props {
	/** At least one. */
	readonly entries: readonly FileEntry[];
	readonly onAction: (action: SelectionAction) => void;
	readonly onClear: () => void;
}

/** In place of the folder's own buttons while something is ticked. */
export function SelectionBar({ entries, onAction, onClear }: Props) {
	const tooMany = entries.length > MOST_IN_ARCHIVE;
	return (
		<Group gap="xs" role="toolbar" aria-label="What is selected">
			<ActionIcon variant="subtle" color="gray" size={36} aria-label="Select nothing" onClick={onClear}>
				<IconX size={18} />
			</ActionIcon>
			<Text size="sm" fw={500} mr="xs" role="status">
				{new Intl.NumberFormat().format(entries.length)} selected
			</Text>
			<Tooltip disabled={!tooMany} label={`At most ${MOST_IN_ARCHIVE} at once. Download the whole folder instead.`}>
				<Button
					variant="default"
					leftSection={<IconDownload size={18} />}
					data-disabled={tooMany || undefined}
					aria-disabled={tooMany}
					onClick={() => tooMany || onAction('download')}
				>
					Download
				</Button>
			</Tooltip>
			<Button variant="default" leftSection={<IconFolderSymlink size={18} />} onClick={() => onAction('move')}>
				Move…
			</Button>
			<Button
				variant="default"
				c="var(--mantine-color-error)"
				leftSection={<IconTrash size={18} />}
				onClick={() => onAction('delete')}
			>
				Delete…
			</Button>
		</Group>
	);
}
