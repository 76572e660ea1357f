export { type Central, type CentralOptions, openCentral, pingCentral } from './central.ts';
export { type DataServer, dataServer, HEARTBEAT_SECONDS, listDataServers, recordHeartbeat } from './data-servers.ts';
export { addDevice, type Device, deviceByRefreshToken, devicesOf, removeDevice } from './devices.ts';
export { type Grant, grantAccess, grantBelow, verifyGrant } from './grants.ts';
export { createLink, type Link, linkByToken, linksOf, removeLink } from './links.ts';
export { createSession, endSession, SESSION_MS, sessionDevice } from './sessions.ts';
export { CENTRAL_SETTINGS } from './settings.ts';
export { sweep } from './sweep.ts';
export {
	changePassword,
	createAccount,
	listUsers,
	setPassword,
	signUp,
	type User,
	userById,
	verifyUser,
} from './users.ts';
