import { Affix, Button, Notification, Stack } from '@mantine/core';
import { IconCheck, IconExclamationMark } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { toasts } from './toast-store.ts';

export function Toasts() {
	const shown = useSyncExternalStore(toasts.subscribe, toasts.snapshot);
	return (
		<Affix position={{ bottom: 16, right: 16, left: 16 }} style={{ pointerEvents: 'none' }}>
			<Stack gap="xs" align="center" role="status" aria-live="polite">
				{shown.map(({ id, kind, text, action }) => (
					<Notification
						key={id}
						icon={kind === 'done' ? <IconCheck size={18} /> : <IconExclamationMark size={18} />}
						color={kind === 'done' ? 'teal' : 'red'}
						withBorder
						maw={420}
						style={{ pointerEvents: 'auto' }}
						closeButtonProps={{ 'aria-label': 'Dismiss' }}
						onClose={() => toasts.dismiss(id)}
					>
						{text}
						{action && (
							<Button
								variant="subtle"
								size="compact-sm"
								ml="xs"
								aria-label={`${action.label}: ${text}`}
								onClick={() => {
									toasts.dismiss(id);
									action.run();
								}}
							>
								{action.label}
							</Button>
						)}
					</Notification>
				))}
			</Stack>
		</Affix>
	);
}
