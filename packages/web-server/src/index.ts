export { Addresses } from './addresses.ts';
export { createWebServer } from './app.ts';
export type { WebContext } from './context.ts';
