import { AppShell, Container, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { Brand } from './Brand.tsx';

/** What is around a page for everybody, with and without an account. */
export function VisitorFrame({ children }: { children: ReactNode }) {
	return (
		<AppShell header={{ height: 60 }} padding={{ base: 'md', sm: 'xl' }}>
			<AppShell.Header>
				<Group h="100%" px="md">
					<Brand />
				</Group>
			</AppShell.Header>
			<AppShell.Main>
				<Container size="lg" p={0}>
					{children}
				</Container>
			</AppShell.Main>
		</AppShell>
	);
}
