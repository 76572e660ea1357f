import { ActionIcon, Code, Group, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useCopy } from '../hooks/use-copy.ts';
import classes from './CommandBlock.module.css';

/** A command to copy, exactly as it is typed. */
export function CommandBlock({ command }: { command: string }) {
	const { copied, copy } = useCopy(command);
	return (
		<Group className={classes.block} gap="xs" wrap="nowrap" align="flex-start">
			<Code className={classes.code}>{command}</Code>
			<Tooltip label={copied ? 'Copied' : 'Copy'}>
				<ActionIcon
					variant="subtle"
					color={copied ? 'teal' : 'gray'}
					onClick={copy}
					aria-label={copied ? 'Copied' : `Copy: ${command}`}
				>
					{copied ? <IconCheck size={18} /> : <IconCopy size={18} />}
				</ActionIcon>
			</Tooltip>
		</Group>
	);
}
