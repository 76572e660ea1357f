import { Anchor, Box, Group, Text } from '@mantine/core';
import { type SharedLink, splitPath } from '@mydropbox/protocol/web';
import { IconLinkOff } from '@tabler/icons-react';
import { Link } from 'react-router';
import { formatDate, formatMoment, sayFolder } from '../format.ts';
import { folderAddress } from '../location.ts';
import { FileIcon } from './FileIcon.tsx';

/** What a link leads to and where that is; on a narrow screen the rest is below it. */
export function LinkTarget({ link: { path, kind, createdAt, endsAt } }: { link: SharedLink }) {
	const target = path !== null && kind !== null ? { path, kind, name: splitPath(path)[1] } : undefined;
	return (
		<Group gap="sm" wrap="nowrap">
			{target ? (
				<FileIcon entry={target} />
			) : (
				<IconLinkOff size={24} stroke={1.5} aria-hidden style={{ flexShrink: 0 }} />
			)}
			<Box miw={0} flex={1}>
				{target ? (
					<Place {...target} />
				) : (
					<Text size="sm" c="dimmed">
						Deleted; the link works again if you bring it back.
					</Text>
				)}
				<Text size="xs" c="dimmed" hiddenFrom="md">
					Created {formatDate(createdAt)} · ends {endsAt === null ? 'when you end it' : formatMoment(endsAt)}
				</Text>
			</Box>
		</Group>
	);
}

/** The name, which opens a folder, or the folder that a file is in. */
function Place({ path, kind, name }: { path: string; kind: 'file' | 'folder'; name: string }) {
	const [folder] = splitPath(path);
	return (
		<>
			<Anchor
				component={Link}
				to={folderAddress(kind === 'folder' ? path : folder)}
				c="inherit"
				size="sm"
				fw={500}
				truncate
				display="block"
				title={path}
			>
				{name}
			</Anchor>
			<Text size="xs" c="dimmed" truncate title={folder}>
				In {sayFolder(folder)}
			</Text>
		</>
	);
}
