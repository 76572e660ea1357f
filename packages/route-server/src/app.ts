import { pingCentral } from '@mydropbox/central';
import { type AppOptions, createApp } from '@mydropbox/server-kit';
import type { Express } from 'express';
import type { RouteContext } from './context.ts';
import { content } from './routes/content.ts';
import { discovery } from './routes/discovery.ts';
import { heartbeat } from './routes/heartbeat.ts';
import { signIn } from './routes/sign-in.ts';
import { signOut } from './routes/sign-out.ts';
import { signUp } from './routes/sign-up.ts';
import { tokens } from './routes/tokens.ts';

export const ROUTES = [signUp, signIn, signOut, tokens, heartbeat, discovery, content];

export function createRouteServer(
	context: RouteContext,
	options: Pick<AppOptions<RouteContext>, 'log' | 'stopping' | 'trustProxy' | 'metricsToken'>,
): Express {
	return createApp({
		...options,
		context,
		endpoints: ROUTES,
		checks: { database: () => pingCentral(context.central) },
	});
}
