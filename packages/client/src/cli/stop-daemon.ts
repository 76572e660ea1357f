import { existsSync, readFileSync } from 'node:fs';
import type { Home } from '../daemon/home.ts';
import { askDaemon } from '../daemon/ipc-client.ts';
import { isLocked } from '../daemon/lock.ts';
import { UserError } from '../daemon/user-error.ts';
import { waitUntil } from './wait-until.ts';

/** A little more than the daemon gives itself. */
const DEADLINE_MS = 35_000;

/**
 * Resolves when the daemon of this home is gone.
 * @returns whether one was running.
 */
export async function stopDaemon(home: Home): Promise<boolean> {
	if (!existsSync(home.lock) || !isLocked(home.lock)) return false;
	const pid = await ask(home);
	if (await waitUntil(() => !isLocked(home.lock), DEADLINE_MS)) return true;
	throw new UserError(
		`The daemon (process ${pid ?? 'unknown'}) has not stopped yet; it may be finishing a large file.`,
		`Wait and try again${pid ? `, or end it with: kill -9 ${pid} (nothing that was synced is lost)` : ''}.`,
	);
}

/** By its socket; one that does not answer there, by a signal. */
async function ask(home: Home): Promise<number | undefined> {
	const answered = await askDaemon(home, 'POST /stop').catch(() => undefined);
	if (answered?.pid) return answered.pid;
	const pid = readPid(home);
	if (pid !== undefined && isLocked(home.lock)) process.kill(pid, 'SIGTERM');
	return pid;
}

function readPid(home: Home): number | undefined {
	try {
		const pid = Number(readFileSync(home.pid, 'utf8'));
		return Number.isInteger(pid) && pid > 1 ? pid : undefined;
	} catch {
		return undefined;
	}
}
