import { Alert, Code, List, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { ConnectResponse } from '@mydropbox/protocol/web';
import { IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useConnect } from '../api/account.ts';
import { CommandBlock } from '../components/CommandBlock.tsx';
import { DeviceList } from '../components/DeviceList.tsx';
import { ProblemView } from '../components/ProblemView.tsx';
import { usePageTitle } from '../hooks/use-page-title.ts';
import { meansThisComputer } from '../location.ts';

export function ConnectPage() {
	usePageTitle('Connect a device');
	const connect = useConnect();
	return (
		<Stack maw={760} gap="xl">
			<div>
				<Title order={1} size="h2">
					Connect a device
				</Title>
				<Text c="dimmed" mt={4}>
					A folder named <Code>myDropbox</Code> on the device is then the same as here, both ways, all the time.
				</Text>
			</div>
			<DeviceList />
			{connect.data ? (
				<Steps {...connect.data} />
			) : connect.error ? (
				<ProblemView error={connect.error} onRetry={() => connect.refetch()} />
			) : (
				<Skeleton height={300} radius="md" aria-label="Loading" />
			)}
		</Stack>
	);
}

function Steps({ server, username }: ConnectResponse) {
	const login = `npx mydropbox login --server ${server} --username ${username}`;
	const second = 'npx mydropbox --home ~/.mydropbox-2';
	return (
		<>
			<List
				type="ordered"
				spacing="xl"
				listStyleType="none"
				styles={{ itemWrapper: { display: 'block' }, itemLabel: { width: '100%' } }}
			>
				<Step number={1} title="Open a terminal in the MyDropbox folder">
					<Text size="sm">
						On the computer that runs MyDropbox, that is the folder where it was started. On any other, get a copy of
						MyDropbox first and run this in it once:
					</Text>
					<CommandBlock command="npm ci" />
				</Step>
				<Step number={2} title="Sign this device in">
					<CommandBlock command={login} />
					<Text size="sm" c="dimmed">
						It asks for your password. The folder is made in your home folder; add <Code>--folder DIR</Code> for another
						place.
					</Text>
				</Step>
				<Step number={3} title="Start syncing">
					<CommandBlock command="npx mydropbox start" />
					<Text size="sm" c="dimmed">
						It goes on in the background. Whatever you put into the folder appears on all your devices and on this site.
					</Text>
				</Step>
				<Step number={4} title="See how it is doing">
					<CommandBlock command="npx mydropbox status" />
					<Text size="sm" c="dimmed">
						Is something wrong? <Code>npx mydropbox doctor</Code> finds out what, and says what to do.
					</Text>
				</Step>
			</List>
			<ServerNote server={server} />
			<Stack gap="sm">
				<Title order={2} size="h4">
					A second device on the same computer
				</Title>
				<Text size="sm">To try it out, give it a place of its own for its settings, and another folder:</Text>
				<CommandBlock
					command={`${second} login --server ${server} --username ${username} --folder ~/myDropbox-2 --device second`}
				/>
				<CommandBlock command={`${second} start`} />
				<CommandBlock command={`${second} status`} />
			</Stack>
		</>
	);
}

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
	return (
		<List.Item>
			<Stack gap="xs">
				<Title order={2} size="h4">
					{number}. {title}
				</Title>
				{children}
			</Stack>
		</List.Item>
	);
}

function ServerNote({ server }: { server: string }) {
	if (!meansThisComputer(new URL(server).hostname)) return null;
	return (
		<Alert variant="light" icon={<IconInfoCircle />} title="Connecting another computer?">
			<Code>{new URL(server).hostname}</Code> means “this computer”. Open this page by the server's network name or
			address, and the commands here have it in them. MyDropbox listens to other computers only when it is started with{' '}
			<Code>--host 0.0.0.0</Code>.
		</Alert>
	);
}
