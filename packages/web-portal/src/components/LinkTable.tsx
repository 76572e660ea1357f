import { Button, Table, Text, VisuallyHidden } from '@mantine/core';
import { type SharedLink, splitPath } from '@mydropbox/protocol/web';
import { useState } from 'react';
import { EndLinkDialog } from './EndLinkDialog.tsx';
import classes from './LinkTable.module.css';
import { LinkTarget } from './LinkTarget.tsx';
import { When } from './When.tsx';

export function LinkTable({ links }: { links: readonly SharedLink[] }) {
	const [ending, setEnding] = useState<SharedLink>();
	return (
		<>
			<Table verticalSpacing={6} highlightOnHover className={classes.table} aria-label="Shared links">
				<Table.Thead>
					<Table.Tr>
						<Table.Th scope="col">Leads to</Table.Th>
						<Table.Th scope="col" className={classes.date} visibleFrom="md">
							Created
						</Table.Th>
						<Table.Th scope="col" className={classes.date} visibleFrom="md">
							Ends
						</Table.Th>
						<Table.Th scope="col" className={classes.action}>
							<VisuallyHidden>Actions</VisuallyHidden>
						</Table.Th>
					</Table.Tr>
				</Table.Thead>
				<Table.Tbody>
					{links.map((link) => (
						<LinkRow key={link.id} link={link} onEnd={() => setEnding(link)} />
					))}
				</Table.Tbody>
			</Table>
			{ending && <EndLinkDialog link={ending} onClose={() => setEnding(undefined)} />}
		</>
	);
}

function LinkRow({ link, onEnd }: { link: SharedLink; onEnd: () => void }) {
	const { path, createdAt, endsAt } = link;
	return (
		<Table.Tr>
			<Table.Td>
				<LinkTarget link={link} />
			</Table.Td>
			<Table.Td className={classes.date} visibleFrom="md">
				<When iso={createdAt} c="dimmed" />
			</Table.Td>
			<Table.Td className={classes.date} visibleFrom="md">
				{endsAt === null ? (
					<Text size="sm" c="dimmed">
						When you end it
					</Text>
				) : (
					<When iso={endsAt} c="dimmed" />
				)}
			</Table.Td>
			<Table.Td className={classes.action}>
				<Button
					size="xs"
					variant="default"
					aria-label={`End link to ${path === null ? 'what was deleted' : splitPath(path)[1]}`}
					onClick={onEnd}
				>
					End link…
				</Button>
			</Table.Td>
		</Table.Tr>
	);
}
