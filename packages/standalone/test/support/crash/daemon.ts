import { runDaemonProcess, Store, SyncEngine, sqliteTables, thisMachine, WorkerDisk } from '@mydropbox/client';
import { BOOT, Boundaries } from './boundaries.ts';
import { serverWithBoundaries, tablesWithBoundaries } from './ports.ts';

/** The daemon as it is, on ports that report what passes through them. One thread only, so that boundaries have an order. */
const boundaries = new Boundaries();

await runDaemonProcess(
	process.argv[2]!,
	(options) =>
		new SyncEngine(
			{ ...options, server: serverWithBoundaries(options.server, boundaries) },
			{
				...thisMachine,
				bootId: () => process.env[BOOT] ?? thisMachine.bootId(),
				newDisk: () => new WorkerDisk(1, new URL('./worker.ts', import.meta.url)),
				openStore: (file, namespace) => new Store(tablesWithBoundaries(sqliteTables(file), boundaries), namespace),
			},
		),
);
