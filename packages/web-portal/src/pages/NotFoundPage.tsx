import { Button, EmptyState } from '@mantine/core';
import { IconMoodPuzzled } from '@tabler/icons-react';
import { Link } from 'react-router';
import { usePageTitle } from '../hooks/use-page-title.ts';

export function NotFoundPage() {
	usePageTitle('Not found');
	return (
		<EmptyState
			py={100}
			withIndicatorBackground
			icon={<IconMoodPuzzled />}
			title="There is no such page"
			description="The address may have a typing mistake in it."
		>
			<EmptyState.Actions>
				<Button component={Link} to="/files">
					To your files
				</Button>
			</EmptyState.Actions>
		</EmptyState>
	);
}
