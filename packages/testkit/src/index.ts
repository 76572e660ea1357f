export * from './disk-names.ts';
export * from './engines.ts';
export * from './mariadb.ts';
export * from './one-file-model.ts';
export * from './segment-storage.ts';
export * from './swift.ts';
