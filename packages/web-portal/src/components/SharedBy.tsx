import { Text } from '@mantine/core';
import type { OpenLinkResponse } from '@mydropbox/protocol/web';
import { formatMoment } from '../format.ts';

/** Who shares it, and until when. */
export function SharedBy({ link: { owner, endsAt } }: { link: OpenLinkResponse }) {
	return (
		<Text c="dimmed">
			Shared by {owner}
			{endsAt !== null && ` until ${formatMoment(endsAt)}`}
		</Text>
	);
}
