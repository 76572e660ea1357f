import { runDaemonProcess } from '../../src/daemon/process.ts';
import { FakeEngine } from './fake-engine.ts';

/** A real process with a real socket and lock; only the engine is not real. */
await runDaemonProcess(process.argv[2]!, (options) => new FakeEngine(options));
