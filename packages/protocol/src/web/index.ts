/** The website's JSON API under `/api/v1`: what the web-server validates with, what its OpenAPI document is made of, what the portal reads. */
export * from './connect.ts';
export * from './devices.ts';
export * from './files.ts';
export * from './history.ts';
export * from './links.ts';
export * from './me.ts';
export * from './path.ts';
export * from './session.ts';
export * from './users.ts';
export const API_BASE = '/api/v1';
