import { Box, Button, Group, Table, Text, VisuallyHidden } from '@mantine/core';
import { type DeletedEntry, splitPath } from '@mydropbox/protocol/web';
import { deviceText, formatBytes, formatDate, sayFolder } from '../format.ts';
import { useRestore } from '../hooks/use-restore.ts';
import classes from './DeletedTable.module.css';
import { FileIcon } from './FileIcon.tsx';
import { When } from './When.tsx';

export function DeletedTable({ entries }: { entries: readonly DeletedEntry[] }) {
	return (
		<Table verticalSpacing={6} highlightOnHover className={classes.table}>
			<Table.Thead>
				<Table.Tr>
					<Table.Th scope="col">Name</Table.Th>
					<Table.Th scope="col" className={classes.size} visibleFrom="md">
						Size
					</Table.Th>
					<Table.Th scope="col" className={classes.deleted} visibleFrom="md">
						Deleted
					</Table.Th>
					<Table.Th scope="col" className={classes.action}>
						<VisuallyHidden>Actions</VisuallyHidden>
					</Table.Th>
				</Table.Tr>
			</Table.Thead>
			<Table.Tbody>
				{entries.map((entry) => (
					<DeletedRow key={entry.id} entry={entry} />
				))}
			</Table.Tbody>
		</Table>
	);
}

function DeletedRow({ entry }: { entry: DeletedEntry }) {
	const { restore, pending } = useRestore();
	const { name, size, deletedAt, device } = entry;
	return (
		<Table.Tr>
			<Table.Td>
				<DeletedName entry={entry} />
			</Table.Td>
			<Table.Td className={classes.size} visibleFrom="md">
				<Text size="sm" c="dimmed">
					{size === null ? '' : formatBytes(size)}
				</Text>
			</Table.Td>
			<Table.Td className={classes.deleted} visibleFrom="md">
				<When iso={deletedAt} c="dimmed" />
				{device !== null && (
					<Text size="xs" c="dimmed" truncate title={device}>
						{deviceText('on', device)}
					</Text>
				)}
			</Table.Td>
			<Table.Td className={classes.action}>
				<Button
					size="xs"
					variant="default"
					aria-label={`Restore ${name}`}
					loading={pending}
					onClick={() => restore([entry])}
				>
					Restore
				</Button>
			</Table.Td>
		</Table.Tr>
	);
}

/** The name and the folder that it was in; on a narrow screen the rest is below it. */
function DeletedName({ entry }: { entry: DeletedEntry }) {
	const { name, path, kind, size, deletedAt, device } = entry;
	const [folder] = splitPath(path);
	const details = [
		size !== null && formatBytes(size),
		formatDate(deletedAt),
		device !== null && deviceText('on', device),
	].filter(Boolean);
	return (
		<Group gap="sm" wrap="nowrap">
			<FileIcon entry={entry} />
			<Box miw={0} flex={1}>
				<Text size="sm" fw={500} truncate title={name}>
					{name}
				</Text>
				<Text size="xs" c="dimmed" truncate title={path}>
					Was in {sayFolder(folder)}
				</Text>
				{kind === 'folder' && (
					<Text size="xs" c="dimmed">
						What was deleted with it comes back, too.
					</Text>
				)}
				<Text size="xs" c="dimmed" hiddenFrom="md">
					{details.join(' · ')}
				</Text>
			</Box>
		</Group>
	);
}
