import { Button, Group, Menu } from '@mantine/core';
import { IconChevronDown, IconFile, IconFolder, IconFolderPlus, IconUpload } from '@tabler/icons-react';

interface Props {
	readonly onUploadFiles: () => void;
	readonly onUploadFolder: () => void;
	readonly onNewFolder: () => void;
}

export function FolderToolbar({ onUploadFiles, onUploadFolder, onNewFolder }: Props) {
	return (
		<Group gap="xs">
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
