import { LinkToken, splitPath } from '@mydropbox/protocol/web';
import type { ReactNode } from 'react';
import { useLocation } from 'react-router';
import { isNotFound } from '../api/query-client.ts';
import { useSharedLink } from '../api/shared.ts';
import { BrokenLink } from '../components/BrokenLink.tsx';
import { LoadingRows } from '../components/LoadingRows.tsx';
import { ProblemView } from '../components/ProblemView.tsx';
import { SharedFile } from '../components/SharedFile.tsx';
import { SharedFolder } from '../components/SharedFolder.tsx';
import { VisitorFrame } from '../components/VisitorFrame.tsx';
import { sharedFiles } from '../file-addresses.ts';
import { usePageTitle } from '../hooks/use-page-title.ts';
import { sharedPath } from '../location.ts';

/** Where a shared link leads; for everybody who has it. */
export function SharedPage() {
	const { hash, search } = useLocation();
	const token = LinkToken.safeParse(hash.slice(1)).data;
	const path = sharedPath(search);
	const { data: link, error, refetch } = useSharedLink(token);
	const isInside = link?.entry.kind === 'folder' && path !== '/';
	usePageTitle(link ? (isInside ? splitPath(path)[1] : link.entry.name) : 'Shared link');

	const content = (): ReactNode => {
		if (!token || isNotFound(error)) return <BrokenLink />;
		if (!link) return error ? <ProblemView error={error} onRetry={() => refetch()} /> : <LoadingRows />;
		const addresses = sharedFiles(link, token);
		if (link.entry.kind !== 'folder') return <SharedFile link={link} addresses={addresses} />;
		return <SharedFolder link={link} addresses={addresses} path={path} onReopen={refetch} />;
	};

	return <VisitorFrame>{content()}</VisitorFrame>;
}
