import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { OpenLinkResponse } from '@mydropbox/protocol/web';
import { IconDownload } from '@tabler/icons-react';
import { downloadOf, type FileAddresses } from '../file-addresses.ts';
import { formatBytes, formatDate } from '../format.ts';
import { startDownload } from '../start-download.ts';
import { FileIcon } from './FileIcon.tsx';
import { SharedBy } from './SharedBy.tsx';

/** A link that leads to one file. */
export function SharedFile({ link, addresses }: { link: OpenLinkResponse; addresses: FileAddresses }) {
	const { entry } = link;
	const details = [entry.size !== null && formatBytes(entry.size), entry.mtime && formatDate(entry.mtime)];
	return (
		<Paper withBorder radius="lg" p={{ base: 'lg', xs: 'xl' }} maw={560} mx="auto" mt={{ sm: 'xl' }}>
			<Stack gap="lg">
				<Group gap="md" wrap="nowrap" align="flex-start">
					<FileIcon entry={entry} size={44} />
					<div style={{ minWidth: 0 }}>
						<Title order={1} size="h3">
							{entry.name}
						</Title>
						<Text c="dimmed">{details.filter(Boolean).join(' · ')}</Text>
					</div>
				</Group>
				<Button
					size="md"
					leftSection={<IconDownload size={20} />}
					onClick={() => void startDownload(downloadOf(addresses, entry))}
				>
					Download
				</Button>
				<SharedBy link={link} />
			</Stack>
		</Paper>
	);
}
