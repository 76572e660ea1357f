import { Box, Center, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Brand } from './Brand.tsx';

/** The page around sign-in and sign-up. */
export function FormCard({
	title,
	lead,
	below,
	children,
}: {
	title: string;
	lead: string;
	below: ReactNode;
	children: ReactNode;
}) {
	return (
		<Center
			component="main"
			mih="100dvh"
			p="md"
			bg="light-dark(var(--mantine-color-gray-0), var(--mantine-color-dark-8))"
		>
			<Stack w="100%" maw={420} gap="lg">
				<Center>
					<Brand to="/sign-in" />
				</Center>
				<Paper withBorder shadow="sm" radius="lg" p={{ base: 'lg', xs: 'xl' }}>
					<Title order={1} size="h2">
						{title}
					</Title>
					<Text c="dimmed" mt={4} mb="lg">
						{lead}
					</Text>
					{children}
				</Paper>
				<Box ta="center">{below}</Box>
			</Stack>
		</Center>
	);
}
