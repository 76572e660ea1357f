import { ActionIcon, Button, Group, Stack } from '@mantine/core';
import type { FileEntry, OpenLinkResponse } from '@mydropbox/protocol/web';
import { IconDownload, IconFolderOpen } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { isNotFound } from '../api/query-client.ts';
import { useSharedListing } from '../api/shared.ts';
import { downloadOf, type FileAddresses } from '../file-addresses.ts';
import { startDownload } from '../start-download.ts';
import { BrokenLink, GoneFromShare } from './BrokenLink.tsx';
import { FileTable } from './FileTable.tsx';
import { FolderPath } from './FolderPath.tsx';
import { LoadingRows } from './LoadingRows.tsx';
import { NothingYet } from './Placeholder.tsx';
import { ProblemAlert, ProblemView } from './ProblemView.tsx';
import { SharedBy } from './SharedBy.tsx';
import { ShowMore } from './ShowMore.tsx';

interface Props {
	readonly link: OpenLinkResponse;
	readonly addresses: FileAddresses;
	/** Which folder in it is open. */
	readonly path: string;
	/** Opens the link once more: the cookie may be over. */
	readonly onReopen: () => Promise<unknown>;
}

/** A link that leads to a folder: what is in it, to look at and download. */
export function SharedFolder({ link, addresses, path, onReopen }: Props) {
	const listing = useSharedListing(link.id, path);
	const first = listing.data?.pages[0];
	const entries = listing.data?.pages.flatMap((page) => page.entries) ?? [];
	const here = path === '/' ? link.entry : first?.entry;
	const gone = isNotFound(listing.error);
	const fetch = (entry: FileEntry) => void startDownload(downloadOf(addresses, entry));
	if (gone && path === '/') return <BrokenLink />;

	const content = (): ReactNode => {
		if (gone) return <GoneFromShare name={link.entry.name} top={addresses.folder('/')} />;
		if (listing.error && !first)
			return <ProblemView error={listing.error} onRetry={() => void onReopen().then(() => listing.refetch())} />;
		if (!first) return <LoadingRows />;
		const shown = here && here.kind !== 'folder' ? [here] : entries;
		return (
			<Stack>
				<ProblemAlert error={listing.error} />
				{shown.length === 0 ? (
					<NothingHere />
				) : (
					<FileTable
						entries={shown}
						selection={undefined}
						addresses={addresses}
						onDownload={fetch}
						actions={(entry) => entry.kind !== 'symlink' && <DownloadIcon entry={entry} onDownload={fetch} />}
					/>
				)}
				<ShowMore of={listing} total={first.total} />
			</Stack>
		);
	};

	return (
		<>
			<Group justify="space-between" align="flex-start" mb="lg" gap="md">
				<div>
					<FolderPath path={path} root={link.entry.name} address={addresses.folder} />
					<SharedBy link={link} />
				</div>
				{here && entries.length > 0 && !gone && (
					<Button leftSection={<IconDownload size={18} />} onClick={() => fetch(here)}>
						Download all
					</Button>
				)}
			</Group>
			{content()}
		</>
	);
}

function DownloadIcon({ entry, onDownload }: { entry: FileEntry; onDownload: (entry: FileEntry) => void }) {
	return (
		<ActionIcon
			variant="subtle"
			color="gray"
			size="lg"
			aria-label={`Download ${entry.name}`}
			onClick={() => onDownload(entry)}
		>
			<IconDownload size={20} />
		</ActionIcon>
	);
}

function NothingHere() {
	return (
		<NothingYet
			icon={<IconFolderOpen />}
			title="This folder is empty"
			description="What is put into it later will be here."
		/>
	);
}
