import { ActionIcon, Affix, Box, CloseButton, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import { IconCircleCheckFilled, IconExclamationCircle, IconRefresh } from '@tabler/icons-react';
import { problemText } from '../components/ProblemView.tsx';
import { formatBytes, plural } from '../format.ts';
import type { Upload, UploadQueue } from './queue.ts';

/** More rows help nobody, and thousands would slow the page down. */
const ROWS = 50;

interface Props {
	readonly queue: UploadQueue;
	readonly uploads: readonly Upload[];
	readonly busy: boolean;
}

export function UploadPanel({ queue, uploads, busy }: Props) {
	// What needs attention first, then what is under way, what waits, what is done.
	const order = { failed: 0, sending: 1, waiting: 2, done: 3 };
	const rows = [...uploads].sort((a, b) => order[a.state] - order[b.state]).slice(0, ROWS);
	return (
		<Affix position={{ bottom: 16, right: 16 }} zIndex={150}>
			<Paper
				withBorder
				shadow="lg"
				radius="lg"
				w="min(380px, calc(100vw - 32px))"
				component="section"
				aria-label="Uploads"
			>
				<Group justify="space-between" p="sm" pl="md" wrap="nowrap">
					<Text fw={600} size="sm" role="status">
						{headline(uploads)}
					</Text>
					<CloseButton
						aria-label={busy ? 'Cancel all uploads' : 'Close'}
						onClick={() => queue.removeAll()}
						title={busy ? 'Cancel all uploads' : 'Close'}
					/>
				</Group>
				<Box mah={280} style={{ overflowY: 'auto' }}>
					<Stack gap="sm" px="md" pb="md" component="ul" m={0} style={{ listStyle: 'none' }}>
						{rows.map((upload) => (
							<UploadRow key={upload.id} upload={upload} queue={queue} />
						))}
						{uploads.length > ROWS && (
							<Text component="li" size="xs" c="dimmed">
								and {plural(uploads.length - ROWS, 'more', 'more')}
							</Text>
						)}
					</Stack>
				</Box>
			</Paper>
		</Affix>
	);
}

function UploadRow({ upload, queue }: { upload: Upload; queue: UploadQueue }) {
	const { id, file, state, sent } = upload;
	const percent = file.size === 0 ? (state === 'done' ? 100 : 0) : (sent / file.size) * 100;
	return (
		<li>
			<Group gap="xs" wrap="nowrap" justify="space-between">
				<Text size="sm" truncate title={file.name}>
					{file.name}
				</Text>
				<Group gap={4} wrap="nowrap">
					{state === 'done' && (
						<IconCircleCheckFilled size={18} color="var(--mantine-color-teal-6)" aria-label="Uploaded" />
					)}
					{state === 'failed' && (
						<ActionIcon
							variant="subtle"
							size="sm"
							aria-label={`Try ${file.name} again`}
							onClick={() => queue.retry(id)}
						>
							<IconRefresh size={16} />
						</ActionIcon>
					)}
					{state !== 'done' && (
						<CloseButton size="sm" aria-label={`Cancel ${file.name}`} onClick={() => queue.remove(id)} />
					)}
				</Group>
			</Group>
			{(state === 'sending' || state === 'waiting') && (
				<Progress
					value={percent}
					animated={state === 'sending' && sent === file.size}
					size="sm"
					my={4}
					aria-label={file.name}
				/>
			)}
			<Text size="xs" c={state === 'failed' ? 'red' : 'dimmed'}>
				{state === 'failed' && <IconExclamationCircle size={12} aria-hidden style={{ verticalAlign: '-2px' }} />}{' '}
				{detail(upload)}
			</Text>
		</li>
	);
}

function detail({ state, sent, file, problem }: Upload): string {
	switch (state) {
		case 'waiting':
			return `Waiting, ${formatBytes(file.size)}`;
		case 'sending':
			return sent < file.size ? `${formatBytes(sent)} of ${formatBytes(file.size)}` : 'Storing safely…';
		case 'done':
			return formatBytes(file.size);
		case 'failed':
			return problemText(problem);
	}
}

function headline(uploads: readonly Upload[]): string {
	const count = (state: Upload['state']) => uploads.filter((upload) => upload.state === state).length;
	const [done, failed] = [count('done'), count('failed')];
	if (done + failed < uploads.length) return `Uploading ${done + failed + 1} of ${plural(uploads.length, 'file')}`;
	if (failed === 0) return `${plural(done, 'file')} uploaded`;
	return `${plural(failed, 'file')} of ${uploads.length} could not be uploaded`;
}
