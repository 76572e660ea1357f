export * from './engines.ts';
export * from './mariadb.ts';
export * from './segment-storage.ts';
