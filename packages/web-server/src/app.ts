import { pingCentral } from '@mydropbox/central';
import { type AppOptions, createApp } from '@mydropbox/server-kit';
import type { Express } from 'express';
import type { WebContext } from './context.ts';
import { openApiEndpoint } from './openapi.ts';
import { changePassword } from './routes/change-password.ts';
import { createFolder } from './routes/create-folder.ts';
import { createLink } from './routes/create-link.ts';
import { createSession } from './routes/create-session.ts';
import { createUser } from './routes/create-user.ts';
import { deleteFile } from './routes/delete-file.ts';
import { deleteLink } from './routes/delete-link.ts';
import { deleteSession } from './routes/delete-session.ts';
import { getArchive } from './routes/get-archive.ts';
import { getConnect } from './routes/get-connect.ts';
import { getContent } from './routes/get-content.ts';
import { getDiscovery } from './routes/get-discovery.ts';
import { getMe } from './routes/get-me.ts';
import { getSharedArchive } from './routes/get-shared-archive.ts';
import { getSharedContent } from './routes/get-shared-content.ts';
import { getSignUps } from './routes/get-sign-ups.ts';
import { listDevices } from './routes/list-devices.ts';
import { listFiles } from './routes/list-files.ts';
import { listLinks } from './routes/list-links.ts';
import { listShared } from './routes/list-shared.ts';
import { listTrash } from './routes/list-trash.ts';
import { listVersions } from './routes/list-versions.ts';
import { moveFile } from './routes/move-file.ts';
import { openShared } from './routes/open-shared.ts';
import { restoreDeleted } from './routes/restore-deleted.ts';
import { restoreVersion } from './routes/restore-version.ts';
import { signOutDevice } from './routes/sign-out-device.ts';
import { uploadFiles } from './routes/upload-files.ts';
import { site } from './site.ts';

export const API = [
	getSignUps,
	createUser,
	createSession,
	deleteSession,
	getMe,
	changePassword,
	getConnect,
	listDevices,
	signOutDevice,
	listFiles,
	uploadFiles,
	deleteFile,
	getContent,
	moveFile,
	createFolder,
	getArchive,
	listVersions,
	restoreVersion,
	listTrash,
	restoreDeleted,
	createLink,
	listLinks,
	deleteLink,
	openShared,
	listShared,
	getSharedContent,
	getSharedArchive,
];

/** @param portal folder of the built website. */
export function createWebServer(
	context: WebContext,
	portal: string,
	options: Pick<AppOptions<WebContext>, 'log' | 'stopping' | 'trustProxy' | 'metricsToken'>,
): Express {
	return createApp({
		...options,
		context,
		endpoints: [...API, openApiEndpoint(API), getDiscovery],
		checks: { database: () => pingCentral(context.central) },
		site: site(portal),
	});
}
