import { Button } from '@mantine/core';

interface Props {
	/** A list that is fetched page by page. */
	readonly of: {
		readonly hasNextPage: boolean;
		readonly isFetchingNextPage: boolean;
		readonly fetchNextPage: () => unknown;
	};
	/** How many there are on all pages, where that is known. */
	readonly total?: number;
}

/** Below a list; nothing when all of it is shown. */
export function ShowMore({ of, total }: Props) {
	if (!of.hasNextPage) return null;
	return (
		<Button variant="default" mx="auto" loading={of.isFetchingNextPage} onClick={() => of.fetchNextPage()}>
			Show more{total !== undefined && ` of ${new Intl.NumberFormat().format(total)}`}
		</Button>
	);
}
