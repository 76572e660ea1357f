import { ActionIcon, Button, Group, Menu, Tooltip } from '@mantine/core';
import { IconChevronDown, IconDownload, IconFile, IconFolder, IconFolderPlus, IconUpload } from '@tabler/icons-react';

interface Props {
	readonly onUploadFiles: () => void;
	readonly onUploadFolder: () => void;
	readonly onNewFolder: () => void;
	/** undefined: there is nothing in it. */
	readonly onDownload: (() => void) | undefined;
}

export function FolderToolbar({ onUploadFiles, onUploadFolder, onNewFolder, onDownload }: Props) {
	return (
		<Group gap="xs">
			{onDownload && (
				<Tooltip label="Download this folder as a ZIP file">
					<ActionIcon variant="default" size={36} aria-label="Download this folder" onClick={onDownload}>
						<IconDownload size={18} />
					</ActionIcon>
				</Tooltip>
			)}
			<Button variant="default" leftSection={<IconFolderPlus size={18} />} onClick={onNewFolder}>
				New folder
			</Button>
			<Menu position="bottom-end" width={190} shadow="md">
				<Menu.Target>
					<Button leftSection={<IconUpload size={18} />} rightSection={<IconChevronDown size={16} />}>
						Upload
					</Button>
				</Menu.Target>
				<Menu.Dropdown>
					<Menu.Item leftSection={<IconFile size={16} />} onClick={onUploadFiles}>
						Files…
					</Menu.Item>
					<Menu.Item leftSection={<IconFolder size={16} />} onClick={onUploadFolder}>
						A whole folder…
					</Menu.Item>
				</Menu.Dropdown>
			</Menu>
		</Group>
	);
}
