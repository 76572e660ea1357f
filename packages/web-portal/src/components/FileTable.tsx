import { Checkbox, Table, Text, VisuallyHidden } from '@mantine/core';
import type { FileEntry } from '@mydropbox/protocol/web';
import type { ReactNode } from 'react';
import { type FileAddresses, OWN_FILES } from '../file-addresses.ts';
import { formatBytes } from '../format.ts';
import type { Selection } from '../hooks/use-selection.ts';
import { EntryName } from './EntryName.tsx';
import classes from './FileTable.module.css';
import { When } from './When.tsx';

interface Props {
	readonly entries: readonly FileEntry[];
	/** undefined: nothing can be ticked. */
	readonly selection: Selection | undefined;
	readonly addresses?: FileAddresses;
	readonly onDownload: (entry: FileEntry) => void;
	/** At the end of each row. */
	readonly actions: (entry: FileEntry) => ReactNode;
}

export function FileTable({ entries, selection, addresses = OWN_FILES, onDownload, actions }: Props) {
	return (
		<Table verticalSpacing={6} highlightOnHover className={classes.table}>
			<Table.Thead>
				<Table.Tr>
					{selection && (
						<Table.Th scope="col" className={classes.tick}>
							<Checkbox
								aria-label="Select all"
								checked={selection.entries.length === entries.length}
								indeterminate={selection.entries.length > 0 && selection.entries.length < entries.length}
								onChange={selection.toggleAll}
							/>
						</Table.Th>
					)}
					<Table.Th scope="col">Name</Table.Th>
					<Table.Th scope="col" className={classes.size} visibleFrom="sm">
						Size
					</Table.Th>
					<Table.Th scope="col" className={classes.modified} visibleFrom="sm">
						Modified
					</Table.Th>
					<Table.Th scope="col" className={classes.menu}>
						<VisuallyHidden>Actions</VisuallyHidden>
					</Table.Th>
				</Table.Tr>
			</Table.Thead>
			<Table.Tbody>
				{entries.map((entry) => (
					<Table.Tr key={entry.id} {...(selection?.has(entry) && { bg: 'var(--mantine-primary-color-light)' })}>
						{selection && (
							<Table.Td className={classes.tick}>
								<Checkbox
									aria-label={`Select ${entry.name}`}
									checked={selection.has(entry)}
									onChange={({ nativeEvent }) =>
										selection.toggle(entry, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)
									}
								/>
							</Table.Td>
						)}
						<Table.Td>
							<EntryName entry={entry} addresses={addresses} onDownload={() => onDownload(entry)} />
						</Table.Td>
						<Table.Td className={classes.size} visibleFrom="sm">
							<Text size="sm" c="dimmed">
								{entry.size === null ? '' : formatBytes(entry.size)}
							</Text>
						</Table.Td>
						<Table.Td className={classes.modified} visibleFrom="sm">
							{entry.mtime && <When iso={entry.mtime} c="dimmed" />}
						</Table.Td>
						<Table.Td className={classes.menu}>{actions(entry)}</Table.Td>
					</Table.Tr>
				))}
			</Table.Tbody>
		</Table>
	);
}
