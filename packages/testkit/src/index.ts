export * from './engines.ts';
export * from './mariadb.ts';
