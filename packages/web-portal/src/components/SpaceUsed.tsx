import { Progress, Stack, Text } from '@mantine/core';
import type { MeResponse } from '@mydropbox/protocol/web';
import { formatBytes, plural } from '../format.ts';

/** "1.2 GB of 5 GB". */
export function SpaceUsed({ me }: { me: MeResponse }) {
	if (me.bytesUsed === null) {
		return (
			<Text size="sm" c="dimmed">
				How much of your {formatBytes(me.quota)} is used cannot be told now.
			</Text>
		);
	}
	const percent = me.quota === 0 ? 100 : (me.bytesUsed / me.quota) * 100;
	return (
		<Stack gap={6}>
			<Text size="sm" fw={500} id="space-used">
				{formatBytes(me.bytesUsed)} of {formatBytes(me.quota)} used
			</Text>
			<Progress
				value={Math.min(100, me.bytesUsed === 0 ? 0 : Math.max(percent, 1))}
				color={percent >= 95 ? 'red' : percent >= 80 ? 'orange' : undefined}
				aria-labelledby="space-used"
			/>
			<Text size="xs" c="dimmed">
				{plural(me.files ?? 0, 'file')}
			</Text>
		</Stack>
	);
}
