import { parentPort } from 'node:worker_threads';
import { IdleMemory } from '../idle-memory.ts';
import { nodeFs } from './node-fs.ts';
import { serveJobs } from './serve-jobs.ts';

const memory = new IdleMemory();
parentPort!.on('message', () => memory.working());
serveJobs(() => nodeFs);
