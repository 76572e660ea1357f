/** What a simulation needs to run the real daemon on machines of its own. */
export type { Clock } from './control/clock.ts';
export { SyncEngine } from './control/engine.ts';
export type { Machine } from './control/machine.ts';
export type { Engine, EngineOptions, EngineStatus } from './daemon/engine.ts';
export type { Deselected, ExcludedFile } from './daemon/excluded-file.ts';
export { UserError } from './daemon/user-error.ts';
export type { DiskEntry } from './fs/entry.ts';
export { type Disk, JOBS, type JobArgs, type JobName, type JobResult } from './fs/jobs/index.ts';
export type { Fs, Unreachable } from './fs/port.ts';
export { nameOf } from './names/alias.ts';
export { PRIVATE_FOLDER } from './scan/private-folder.ts';
export { MemoryFile, memoryTables } from './state/memory-tables.ts';
export { sqliteTables } from './state/sqlite/tables.ts';
export { Store } from './state/store.ts';
export type { OpenTables } from './state/tables.ts';
export type { Watcher, WatcherOptions } from './watch/watcher.ts';
