import { Stack, Text, Title } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useLinks } from '../api/links.ts';
import { LinkTable } from '../components/LinkTable.tsx';
import { LoadingRows } from '../components/LoadingRows.tsx';
import { NothingYet } from '../components/Placeholder.tsx';
import { ProblemAlert, ProblemView } from '../components/ProblemView.tsx';
import { usePageTitle } from '../hooks/use-page-title.ts';

export function LinksPage() {
	usePageTitle('Shared links');
	const links = useLinks();

	const content = (): ReactNode => {
		if (!links.data && links.error) return <ProblemView error={links.error} onRetry={() => links.refetch()} />;
		if (!links.data) return <LoadingRows />;
		return (
			<Stack>
				<ProblemAlert error={links.error} />
				{links.data.length === 0 ? <NothingShared /> : <LinkTable links={links.data} />}
			</Stack>
		);
	};

	return (
		<>
			<Title order={1} size="h2">
				Shared links
			</Title>
			<Text c="dimmed" mt={4} mb="lg">
				Everybody who has such a link can see and download what it leads to, without an account, until it ends.
			</Text>
			{content()}
		</>
	);
}

function NothingShared() {
	return (
		<NothingYet
			icon={<IconLink />}
			title="You share nothing by a link"
			description="Choose “Share…” in the menu of a file or folder to make a link to it. It will be here until it ends."
		/>
	);
}
