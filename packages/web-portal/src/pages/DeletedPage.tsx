import { Stack, Text, Title } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTrash } from '../api/history.ts';
import { DeletedTable } from '../components/DeletedTable.tsx';
import { LoadingRows } from '../components/LoadingRows.tsx';
import { NothingYet } from '../components/Placeholder.tsx';
import { ProblemAlert, ProblemView } from '../components/ProblemView.tsx';
import { ShowMore } from '../components/ShowMore.tsx';
import { usePageTitle } from '../hooks/use-page-title.ts';

export function DeletedPage() {
	usePageTitle('Deleted files');
	const trash = useTrash();
	const entries = trash.data?.pages.flatMap((page) => page.entries);

	const content = (): ReactNode => {
		if (!entries && trash.error) return <ProblemView error={trash.error} onRetry={() => trash.refetch()} />;
		if (!entries) return <LoadingRows />;
		return (
			<Stack>
				<ProblemAlert error={trash.error} />
				{entries.length === 0 && !trash.hasNextPage ? <NothingDeleted /> : <DeletedTable entries={entries} />}
				<ShowMore of={trash} />
			</Stack>
		);
	};

	return (
		<>
			<Title order={1} size="h2">
				Deleted files
			</Title>
			<Text c="dimmed" mt={4} mb="lg">
				What was deleted, here or on a device, is kept for a while; how long is up to whoever runs this server.
			</Text>
			{content()}
		</>
	);
}

function NothingDeleted() {
	return (
		<NothingYet
			icon={<IconTrash />}
			title="Nothing has been deleted lately"
			description="What you delete, here or on a device, will be here for a while, and you can bring it back."
		/>
	);
}
