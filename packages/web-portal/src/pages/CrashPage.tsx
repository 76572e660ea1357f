import { Button, Code, EmptyState } from '@mantine/core';
import { IconMoodSad } from '@tabler/icons-react';
import { useRouteError } from 'react-router';

/** When the page itself has a mistake. Files are not touched by it. */
export function CrashPage() {
	const error = useRouteError();
	return (
		<EmptyState
			role="alert"
			py={100}
			maw={600}
			mx="auto"
			withIndicatorBackground
			icon={<IconMoodSad />}
			title="This page made a mistake"
			description="Your files are safe. Load the page again; if it happens again, please report it with the text below."
		>
			<Code block>{error instanceof Error ? error.message : String(error)}</Code>
			<EmptyState.Actions>
				<Button onClick={() => window.location.assign('/files')}>Load again</Button>
			</EmptyState.Actions>
		</EmptyState>
	);
}
