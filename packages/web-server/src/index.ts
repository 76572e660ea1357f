export { Addresses } from './addresses.ts';
export { API, createWebServer } from './app.ts';
export type { WebContext } from './context.ts';
