import { Badge, Box, Button, Group, Modal, ScrollArea, Stack, Text } from '@mantine/core';
import type { FileEntry, KeptVersion } from '@mydropbox/protocol/web';
import { useMutation } from '@tanstack/react-query';
import { contentUrl } from '../api/files.ts';
import { useRestoreVersion, useVersions } from '../api/history.ts';
import { download } from '../download.ts';
import { deviceText, formatBytes, formatDateAndTime, formatFullDate, formatMoment } from '../format.ts';
import { LoadingRows } from './LoadingRows.tsx';
import { ProblemAlert } from './ProblemView.tsx';
import { toasts } from './toast-store.ts';
import classes from './VersionsDialog.module.css';
import { When } from './When.tsx';

export function VersionsDialog({ entry, onClose }: { entry: FileEntry; onClose: () => void }) {
	const { name, path } = entry;
	const versions = useVersions(path);
	const restore = useRestoreVersion();
	const fetch = useMutation({
		mutationFn: ({ version }: KeptVersion) => download({ name, url: contentUrl(path, version) }),
	});
	const bringBack = ({ version, savedAt }: KeptVersion) =>
		restore.mutate(
			{ path, version },
			{
				onSuccess: () => {
					toasts.show('done', `Restored “${name}” as it was on ${formatMoment(savedAt)}.`);
					onClose();
				},
			},
		);
	return (
		<Modal
			opened
			onClose={onClose}
			title={`Versions of “${name}”`}
			size="lg"
			closeButtonProps={{ 'aria-label': 'Close' }}
		>
			<Stack>
				<Text size="sm" c="dimmed">
					Restoring keeps what the file holds now as a version, too, so that you can go back. Old versions are kept for
					a while; how long is up to whoever runs this server.
				</Text>
				<ProblemAlert error={restore.error ?? fetch.error ?? versions.error} />
				{versions.isPending && <LoadingRows />}
				{versions.data && (
					<ScrollArea.Autosize mah={380} type="auto" offsetScrollbars="present">
						<ul className={classes.list} aria-label="Versions">
							{versions.data.map((kept) => (
								<VersionRow
									key={kept.version}
									kept={kept}
									restoring={restore.isPending && restore.variables.version === kept.version}
									fetching={fetch.isPending && fetch.variables.version === kept.version}
									onRestore={() => bringBack(kept)}
									onDownload={() => fetch.mutate(kept)}
								/>
							))}
						</ul>
					</ScrollArea.Autosize>
				)}
				{versions.data?.length === 1 && (
					<Text size="sm">This is the only version so far. Older ones will be here when the file changes.</Text>
				)}
			</Stack>
		</Modal>
	);
}

interface RowProps {
	readonly kept: KeptVersion;
	readonly restoring: boolean;
	readonly fetching: boolean;
	readonly onRestore: () => void;
	readonly onDownload: () => void;
}

function VersionRow({ kept, restoring, fetching, onRestore, onDownload }: RowProps) {
	const { savedAt, device, size, current } = kept;
	const which = `the version of ${formatFullDate(savedAt)}`;
	return (
		<li className={classes.version} aria-current={current || undefined}>
			<Box className={classes.text}>
				<When iso={savedAt} format={formatDateAndTime} fw={500} />
				<Text size="xs" c="dimmed">
					{[device !== null && deviceText('from', device), formatBytes(size)].filter(Boolean).join(' · ')}
				</Text>
			</Box>
			{current ? (
				<Badge variant="light" tt="none">
					Current
				</Badge>
			) : (
				<Group gap="xs" wrap="nowrap" ml="auto">
					<Button size="xs" variant="subtle" aria-label={`Download ${which}`} loading={fetching} onClick={onDownload}>
						Download
					</Button>
					<Button size="xs" variant="default" aria-label={`Restore ${which}`} loading={restoring} onClick={onRestore}>
						Restore
					</Button>
				</Group>
			)}
		</li>
	);
}
