import { Button, EmptyState } from '@mantine/core';
import { IconCloudUp, IconFolderOpen } from '@tabler/icons-react';
import { Link } from 'react-router';
import { NothingYet } from './Placeholder.tsx';

/** Says what to do next: in the root folder of a new account, or in any empty folder. */
export function EmptyFolder({ root, onUpload }: { root: boolean; onUpload: () => void }) {
	return (
		<NothingYet
			icon={root ? <IconCloudUp /> : <IconFolderOpen />}
			title={root ? 'Your files will be here' : 'This folder is empty'}
			description={
				root
					? 'Upload a first file, or drop some anywhere on this page. Connect a device, and a folder on it stays the same as this page.'
					: 'Drop files or folders anywhere on this page, or choose some to upload.'
			}
		>
			<EmptyState.Actions>
				<Button onClick={onUpload}>Upload files</Button>
				{root && (
					<Button component={Link} to="/connect" variant="default">
						Connect a device
					</Button>
				)}
			</EmptyState.Actions>
		</NothingYet>
	);
}
