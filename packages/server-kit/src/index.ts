export { bearerToken, UnknownSigningKey, type VerifyOptions, verifyAccessToken } from './access-token.ts';
export {
	Bytes,
	ClusterSecret,
	type Config,
	defineSettings,
	Flag,
	flagOf,
	HistoryDays,
	MetricsToken,
	Origin,
	Port,
	readConfig,
	type Setting,
	type Settings,
	SignUps,
	TrustProxy,
	variableOf,
} from './config.ts';
export { type AppOptions, createApp } from './http/app.ts';
export { type Call, type Endpoint, endpoint } from './http/endpoint.ts';
export { parseAs } from './http/errors.ts';
export type { Checks } from './http/health.ts';
export { closeServer, listen } from './http/listen.ts';
export { Counter, createMetrics, Gauge, Histogram, Registry } from './http/metrics.ts';
export { createLog, LOG_LEVELS, type Logger, silentLog } from './log.ts';
export { isSameSecret } from './same-secret.ts';
export { portSetting, runService, type Service, type ServiceDefinition } from './service.ts';
export { type DatabaseOrTransaction, type Engine, engineOf } from './sql/engine.ts';
export { isContention, isDatabaseAway, isDiskFull, isUniqueViolation } from './sql/faults.ts';
export { migrate } from './sql/migrate.ts';
export { type Database, DatabaseUrl, type OpenOptions, openDatabase } from './sql/open.ts';
export { hexOf, insertAll, insertNew, isOneOf, lockRow, textOf, upsert } from './sql/portable.ts';
export { transact } from './sql/transact.ts';
export { StartupError } from './startup-error.ts';
