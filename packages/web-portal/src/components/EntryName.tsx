import { Anchor, Box, Group, Text } from '@mantine/core';
import type { FileEntry } from '@mydropbox/protocol/web';
import type { MouseEvent } from 'react';
import { Link } from 'react-router';
import type { FileAddresses } from '../file-addresses.ts';
import { formatBytes, formatDate } from '../format.ts';
import { FileIcon } from './FileIcon.tsx';

interface Props {
	readonly entry: FileEntry;
	readonly addresses: FileAddresses;
	readonly onDownload: () => void;
}

/** The name, which opens a folder and downloads a file; on a narrow screen size and date are below it. */
export function EntryName(props: Props) {
	const { entry } = props;
	const details = [entry.size !== null && formatBytes(entry.size), entry.mtime && formatDate(entry.mtime)].filter(
		Boolean,
	);
	return (
		<Group gap="sm" wrap="nowrap">
			<FileIcon entry={entry} />
			<Box miw={0} flex={1}>
				<NameLink {...props} />
				{entry.target !== null && (
					<Text size="xs" c="dimmed" truncate>
						Link to {entry.target}
					</Text>
				)}
				{details.length > 0 && (
					<Text size="xs" c="dimmed" hiddenFrom="sm">
						{details.join(' · ')}
					</Text>
				)}
			</Box>
		</Group>
	);
}

function NameLink({ entry, addresses, onDownload }: Props) {
	const look = { c: 'inherit', size: 'sm', fw: 500, truncate: true, display: 'block', title: entry.name } as const;
	switch (entry.kind) {
		case 'folder':
			return (
				<Anchor component={Link} to={addresses.folder(entry.path)} {...look}>
					{entry.name}
				</Anchor>
			);
		case 'symlink':
			return <Text {...look}>{entry.name}</Text>;
		case 'file': {
			// A plain click is checked first, so that a failure is told on this page; any other click is the browser's.
			const download = (event: MouseEvent) => {
				if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
				event.preventDefault();
				onDownload();
			};
			return (
				<Anchor href={addresses.content(entry.path)} download={entry.name} onClick={download} {...look}>
					{entry.name}
				</Anchor>
			);
		}
	}
}
