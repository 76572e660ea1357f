import { join } from 'node:path';

export const databaseFile = (stateDir: string): string => join(stateDir, 'state.db');
