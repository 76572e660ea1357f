export { createSyncEngine } from './engine.ts';
