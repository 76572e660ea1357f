import { EmptyState, type EmptyStateProps } from '@mantine/core';

type Props = Pick<EmptyStateProps, 'icon' | 'title' | 'description' | 'children'>;

/** In place of a list with nothing in it: says what will be there, and what to do next. */
export function NothingYet(props: Props) {
	return <EmptyState size="lg" py={{ base: 40, sm: 80 }} maw={520} mx="auto" variant="light" {...props} />;
}

/** In place of what cannot be shown: says why, and what to do next. */
export function CannotShow(props: Props) {
	return <EmptyState role="alert" py={60} maw={560} mx="auto" withIndicatorBackground {...props} />;
}
