import { Avatar, Menu, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import type { User } from '@mydropbox/protocol/web';
import { IconDeviceDesktop, IconKey, IconLogout, IconMoon, IconSun } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useSignOut } from '../api/account.ts';
import { ChangePasswordDialog } from './ChangePasswordDialog.tsx';
import { problemText } from './ProblemView.tsx';
import { toasts } from './toast-store.ts';

const APPEARANCE = [
	{ value: 'light', label: 'Light', Icon: IconSun },
	{ value: 'dark', label: 'Dark', Icon: IconMoon },
	{ value: 'auto', label: 'Same as the system', Icon: IconDeviceDesktop },
] as const;

export function AccountMenu({ user }: { user: User }) {
	const { colorScheme, setColorScheme } = useMantineColorScheme();
	const signOut = useSignOut();
	const navigate = useNavigate();
	const [changesPassword, setChangesPassword] = useState(false);

	const leave = () =>
		signOut.mutate(undefined, {
			onSuccess: () => navigate('/sign-in'),
			onError: (error) => toasts.show('problem', `You are still signed in. ${problemText(error)}`),
		});

	return (
		<>
			{changesPassword && <ChangePasswordDialog username={user.username} onClose={() => setChangesPassword(false)} />}
			<Menu position="bottom-end" width={240} shadow="md">
				<Menu.Target>
					<UnstyledButton aria-label={`Account: ${user.username}`} style={{ borderRadius: '50%' }}>
						<Avatar name={user.username} color="initials" size={36} alt="" />
					</UnstyledButton>
				</Menu.Target>
				<Menu.Dropdown>
					<Text px="sm" pt="xs" fw={600} size="sm">
						{user.username}
					</Text>
					<Text px="sm" pb="xs" size="xs" c="dimmed">
						{user.email}
					</Text>
					<Menu.Divider />
					<Menu.Label>Appearance</Menu.Label>
					{APPEARANCE.map(({ value, label, Icon }) => (
						<Menu.Item
							key={value}
							role="menuitemradio"
							aria-checked={colorScheme === value}
							leftSection={<Icon size={16} />}
							bg={colorScheme === value ? 'var(--mantine-color-default-hover)' : undefined}
							closeMenuOnClick={false}
							onClick={() => setColorScheme(value)}
						>
							{label}
						</Menu.Item>
					))}
					<Menu.Divider />
					<Menu.Item leftSection={<IconKey size={16} />} onClick={() => setChangesPassword(true)}>
						Change password…
					</Menu.Item>
					<Menu.Item leftSection={<IconLogout size={16} />} onClick={leave}>
						Sign out
					</Menu.Item>
				</Menu.Dropdown>
			</Menu>
		</>
	);
}
