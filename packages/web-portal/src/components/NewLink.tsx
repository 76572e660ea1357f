import { Alert, Anchor, Button, Code, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconCheck, IconCopy, IconInfoCircle } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useCopy } from '../hooks/use-copy.ts';
import { meansThisComputer } from '../location.ts';

/** The address of a link that was just made. */
export function NewLink({ address, onClose }: { address: string; onClose: () => void }) {
	const { copied, copy } = useCopy(address);
	return (
		<Stack>
			<Group gap="xs" align="flex-end" wrap="nowrap">
				<TextInput
					label="Address of the link"
					value={address}
					readOnly
					autoFocus
					onFocus={(event) => event.currentTarget.select()}
					flex={1}
				/>
				<Button
					onClick={copy}
					color={copied ? 'teal.9' : undefined}
					leftSection={copied ? <IconCheck size={18} /> : <IconCopy size={18} />}
					flex="none"
				>
					{copied ? 'Copied' : 'Copy'}
				</Button>
			</Group>
			<Text size="sm">
				Copy it now: it cannot be shown again. You can make another one at any time, or end this one under{' '}
				<LinksAnchor />.
			</Text>
			<HostNote hostname={new URL(address).hostname} />
			<Group justify="flex-end">
				<Button variant="default" onClick={onClose}>
					Done
				</Button>
			</Group>
		</Stack>
	);
}

export function LinksAnchor() {
	return (
		<Anchor component={Link} to="/links" inherit>
			Shared links
		</Anchor>
	);
}

/** The address is made of the one that this page was opened by. */
function HostNote({ hostname }: { hostname: string }) {
	if (!meansThisComputer(hostname)) return null;
	return (
		<Alert variant="light" icon={<IconInfoCircle />} title="For somebody on another computer?">
			<Code>{hostname}</Code> means “this computer”, so this address works only here. Open this site by the server's
			network name or address, and make the link there.
		</Alert>
	);
}
