import type { DeviceId } from '@mydropbox/protocol';
import { type Db, fromBytes, inGroups, toBytes } from '../sql.ts';

/** Adds to each what its device was last called; null when nobody remembers. */
export async function withDeviceNames<Done extends { readonly by: DeviceId }>(
	db: Db,
	list: readonly Done[],
): Promise<(Done & { device: string | null })[]> {
	const names = new Map<DeviceId, string>();
	for (const group of inGroups([...new Set(list.map(({ by }) => by))])) {
		const rows = await db
			.selectFrom('Devices')
			.select(['DeviceId', 'DeviceName'])
			.where('DeviceId', 'in', group.map(toBytes))
			.execute();
		for (const { DeviceId, DeviceName } of rows) names.set(fromBytes(DeviceId), DeviceName);
	}
	return list.map((done) => ({ ...done, device: names.get(done.by) ?? null }));
}
