import { Alert, Button, EmptyState } from '@mantine/core';
import { ApiError, type ErrorCode } from '@mydropbox/protocol';
import { IconCloudOff, IconMoodPuzzled, IconPlugConnectedX } from '@tabler/icons-react';
import { ServerUnreachable } from '../api/request.ts';
import { CannotShow } from './Placeholder.tsx';

const TITLES: Partial<Record<ErrorCode, string>> = {
	'data-server-unavailable': 'Your files are out of reach for a moment',
	'not-found': 'There is nothing here',
	'bad-path': 'This is not a path',
	'bad-name': 'This is not a name',
	'quota-exceeded': 'Not enough space left',
	'disk-full': 'The server has no room left',
	'too-many-requests': 'A little slower, please',
	internal: 'Something went wrong on the server',
};

function problemTitle(error: unknown): string {
	if (error instanceof ServerUnreachable) return 'MyDropbox cannot be reached';
	return (error instanceof ApiError && TITLES[error.code]) || 'That did not work';
}

export const problemText = (error: unknown): string =>
	error instanceof Error ? error.message : 'Something unexpected happened. Load the page again.';

/** In place of what could not be loaded. */
export function ProblemView({ error, onRetry }: { error: unknown; onRetry: () => void }) {
	const Icon = error instanceof ServerUnreachable ? IconPlugConnectedX : problemIcon(error);
	return (
		<CannotShow icon={<Icon />} title={problemTitle(error)} description={problemText(error)}>
			<EmptyState.Actions>
				<Button variant="light" onClick={onRetry}>
					Try again now
				</Button>
			</EmptyState.Actions>
		</CannotShow>
	);
}

const problemIcon = (error: unknown) =>
	error instanceof ApiError && error.code === 'data-server-unavailable' ? IconCloudOff : IconMoodPuzzled;

/** Above what is still shown from before, or inside a form. */
export function ProblemAlert({ error }: { error: unknown }) {
	if (!error) return null;
	return (
		<Alert color="red" variant="light" role="alert" title={problemTitle(error)} icon={<IconMoodPuzzled />}>
			{problemText(error)}
		</Alert>
	);
}
