import { createSyncEngine } from '../control/index.ts';
import { runDaemonProcess } from './process.ts';

/** Started by `mydropbox start`: the home is the only argument. */
await runDaemonProcess(process.argv[2]!, createSyncEngine);
