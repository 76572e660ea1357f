import { Group, Text } from '@mantine/core';
import { Link } from 'react-router';

export function Brand({ to = '/files' }: { to?: string }) {
	return (
		<Link to={to} aria-label="MyDropbox, home" style={{ textDecoration: 'none', color: 'inherit' }}>
			<Group gap={10} wrap="nowrap">
				<img src="/favicon.svg" width={30} height={30} alt="" />
				<Text fw={700} fz="lg" lh={1}>
					MyDropbox
				</Text>
			</Group>
		</Link>
	);
}
