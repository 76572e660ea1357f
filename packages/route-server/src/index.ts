export { createRouteServer, ROUTES } from './app.ts';
export type { RouteContext } from './context.ts';
