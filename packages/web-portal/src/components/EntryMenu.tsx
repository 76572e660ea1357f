import { ActionIcon, Menu } from '@mantine/core';
import type { FileEntry } from '@mydropbox/protocol/web';
import {
	IconCursorText,
	IconDots,
	IconDownload,
	IconFolderSymlink,
	IconHistory,
	IconLink,
	IconTrash,
} from '@tabler/icons-react';

export type EntryAction = 'download' | 'share' | 'versions' | 'rename' | 'move' | 'delete';

export function EntryMenu({ entry, onAction }: { entry: FileEntry; onAction: (action: EntryAction) => void }) {
	return (
		<Menu position="bottom-end" width={190} shadow="md">
			<Menu.Target>
				<ActionIcon variant="subtle" color="gray" size="lg" aria-label={`More for ${entry.name}`}>
					<IconDots size={20} />
				</ActionIcon>
			</Menu.Target>
			<Menu.Dropdown>
				{entry.kind !== 'symlink' && (
					<>
						<Menu.Item leftSection={<IconDownload size={16} />} onClick={() => onAction('download')}>
							Download
						</Menu.Item>
						<Menu.Item leftSection={<IconLink size={16} />} onClick={() => onAction('share')}>
							Share…
						</Menu.Item>
					</>
				)}
				{entry.kind === 'file' && (
					<Menu.Item leftSection={<IconHistory size={16} />} onClick={() => onAction('versions')}>
						Versions…
					</Menu.Item>
				)}
				<Menu.Item leftSection={<IconCursorText size={16} />} onClick={() => onAction('rename')}>
					Rename…
				</Menu.Item>
				<Menu.Item leftSection={<IconFolderSymlink size={16} />} onClick={() => onAction('move')}>
					Move…
				</Menu.Item>
				<Menu.Divider />
				<Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => onAction('delete')}>
					Delete…
				</Menu.Item>
			</Menu.Dropdown>
		</Menu>
	);
}
