import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ConnectedDevice } from '@mydropbox/protocol/web';
import { IconDeviceLaptop } from '@tabler/icons-react';
import { useState } from 'react';
import { useDevices } from '../api/devices.ts';
import { formatDateAndTime, formatFullDate } from '../format.ts';
import { ProblemAlert } from './ProblemView.tsx';
import { SignOutDeviceDialog } from './SignOutDeviceDialog.tsx';

/** Devices that are signed in; nothing while there are none. */
export function DeviceList() {
	const devices = useDevices();
	const [leaving, setLeaving] = useState<ConnectedDevice>();
	if (devices.error) return <ProblemAlert error={devices.error} />;
	if (!devices.data || devices.data.length === 0) return null;
	return (
		<Stack gap="sm">
			<Title order={2} size="h4" id="your-devices">
				Your devices
			</Title>
			<Paper
				withBorder
				radius="md"
				component="ul"
				p={0}
				m={0}
				aria-labelledby="your-devices"
				style={{ listStyle: 'none' }}
			>
				{devices.data.map((device) => (
					<Group key={device.id} component="li" justify="space-between" wrap="nowrap" px="md" py="sm">
						<Group gap="sm" wrap="nowrap" miw={0}>
							<IconDeviceLaptop size={22} stroke={1.6} style={{ flexShrink: 0 }} aria-hidden />
							<div style={{ minWidth: 0 }}>
								<Text fw={500} truncate>
									{device.name}
								</Text>
								<Text size="sm" c="dimmed" title={formatFullDate(device.lastSeenAt)}>
									Last seen: {formatDateAndTime(device.lastSeenAt)}
								</Text>
							</div>
						</Group>
						<Button
							variant="default"
							size="xs"
							flex="none"
							aria-label={`Sign out ${device.name}`}
							onClick={() => setLeaving(device)}
						>
							Sign out…
						</Button>
					</Group>
				))}
			</Paper>
			{leaving && <SignOutDeviceDialog device={leaving} onClose={() => setLeaving(undefined)} />}
		</Stack>
	);
}
