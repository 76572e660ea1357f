import { z } from 'zod';
import { DeviceId } from '../ids.ts';

export const ConnectedDevice = z
	.object({
		id: DeviceId,
		name: z.string(),
		connectedAt: z.iso.datetime(),
		lastSeenAt: z.iso.datetime().meta({ description: 'To about a quarter of an hour.' }),
	})
	.meta({ id: 'ConnectedDevice', description: 'An installation of the daemon that is signed in.' });
export type ConnectedDevice = z.infer<typeof ConnectedDevice>;

/** `GET /devices`: seen last first. */
export const ListDevicesResponse = z.object({ devices: z.array(ConnectedDevice) });
export type ListDevicesResponse = z.infer<typeof ListDevicesResponse>;

/** `DELETE /devices?id=`: signs the device out. What it may still do ends within 15 minutes; its folder stays as it is. 204. */
export const SignOutDeviceQuery = z.strictObject({ id: DeviceId });
