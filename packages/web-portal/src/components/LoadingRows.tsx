import { Skeleton, Stack } from '@mantine/core';

export function LoadingRows() {
	return (
		<Stack gap="sm" aria-label="Loading" aria-busy>
			{[0, 1, 2, 3].map((row) => (
				<Skeleton key={row} height={40} radius="md" />
			))}
		</Stack>
	);
}
