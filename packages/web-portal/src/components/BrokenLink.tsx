import { Button, EmptyState } from '@mantine/core';
import { IconLinkOff, IconMoodPuzzled } from '@tabler/icons-react';
import { Link, type To } from 'react-router';
import { CannotShow } from './Placeholder.tsx';

/** In place of what a link would lead to. */
export function BrokenLink() {
	return (
		<CannotShow
			icon={<IconLinkOff />}
			title="This link does not work"
			description="It may have ended, or been ended by whoever shared it, or a part of the address is missing. Ask whoever sent it for a new one."
		/>
	);
}

/** In place of a folder that was in the shared one. */
export function GoneFromShare({ name, top }: { name: string; top: To }) {
	return (
		<CannotShow
			icon={<IconMoodPuzzled />}
			title="This is not here any more"
			description="It was deleted, renamed or moved since. What else is shared may still be there."
		>
			<EmptyState.Actions>
				<Button component={Link} to={top}>
					To “{name}”
				</Button>
			</EmptyState.Actions>
		</CannotShow>
	);
}
