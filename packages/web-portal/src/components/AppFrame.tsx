import { AppShell, Burger, Group, NavLink, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { MeResponse } from '@mydropbox/protocol/web';
import { IconDevices, IconFolder, IconLink, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router';
import { AccountMenu } from './AccountMenu.tsx';
import classes from './AppFrame.module.css';
import { Brand } from './Brand.tsx';
import { SpaceUsed } from './SpaceUsed.tsx';

const PAGES = [
	{ to: '/files', label: 'Files', Icon: IconFolder },
	{ to: '/deleted', label: 'Deleted files', Icon: IconTrash },
	{ to: '/links', label: 'Shared links', Icon: IconLink },
	{ to: '/connect', label: 'Connect a device', Icon: IconDevices },
];

/** What is around every page of somebody who is signed in. */
export function AppFrame({ me, children }: { me: MeResponse; children: ReactNode }) {
	const [opened, { toggle, close }] = useDisclosure();
	const { pathname } = useLocation();
	return (
		<AppShell
			header={{ height: 60 }}
			navbar={{ width: 250, breakpoint: 'sm', collapsed: { mobile: !opened } }}
			padding={{ base: 'md', sm: 'xl' }}
		>
			<a href="#main" className={classes.skip}>
				Skip to the content
			</a>
			<AppShell.Header>
				<Group h="100%" px="md" justify="space-between" wrap="nowrap">
					<Group gap="xs" wrap="nowrap">
						<Burger
							opened={opened}
							onClick={toggle}
							hiddenFrom="sm"
							size="sm"
							aria-label={opened ? 'Close the menu' : 'Open the menu'}
							aria-expanded={opened}
						/>
						<Brand />
					</Group>
					<AccountMenu user={me.user} />
				</Group>
			</AppShell.Header>
			<AppShell.Navbar p="md" aria-label="Pages">
				<Stack gap={4} flex={1}>
					{PAGES.map(({ to, label, Icon }) => (
						<NavLink
							key={to}
							component={Link}
							to={to}
							label={label}
							leftSection={<Icon size={20} stroke={1.6} />}
							active={pathname.startsWith(to)}
							aria-current={pathname.startsWith(to) ? 'page' : undefined}
							className={classes.page}
							onClick={close}
						/>
					))}
				</Stack>
				<SpaceUsed me={me} />
			</AppShell.Navbar>
			<AppShell.Main id="main" tabIndex={-1} className={classes.main}>
				{children}
			</AppShell.Main>
		</AppShell>
	);
}
