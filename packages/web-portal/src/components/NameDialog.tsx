import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { nameFault } from '@mydropbox/protocol';
import { type FormEvent, useState } from 'react';
import { problemText } from './ProblemView.tsx';

interface Props {
	readonly title: string;
	readonly action: string;
	readonly initial: string;
	readonly pending: boolean;
	readonly error: unknown;
	readonly onSubmit: (name: string) => void;
	readonly onClose: () => void;
}

/** Asks for one name: of a new folder, or a new one for what there is. */
export function NameDialog({ title, action, initial, pending, error, onSubmit, onClose }: Props) {
	const [typed, setTyped] = useState(initial);
	const [refused, setRefused] = useState<{ name: string }>();
	// Keyboards on a Mac may type decomposed letters; a name travels composed.
	const name = typed.trim().normalize('NFC');
	const fault = name === '' ? undefined : nameFault(name);
	const message = fault ? `This name ${fault}.` : refused?.name === name && error ? problemText(error) : undefined;

	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (name === '' || fault) return;
		if (name === initial) return onClose();
		setRefused({ name });
		onSubmit(name);
	};
	return (
		<Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
			<form onSubmit={submit}>
				<Stack>
					<TextInput
						label="Name"
						value={typed}
						onChange={(event) => setTyped(event.currentTarget.value)}
						onFocus={(event) => event.currentTarget.setSelectionRange(0, stemLength(initial))}
						error={message}
						data-autofocus
						autoComplete="off"
						spellCheck={false}
					/>
					<Group justify="flex-end">
						<Button variant="default" onClick={onClose}>
							Cancel
						</Button>
						<Button type="submit" loading={pending} disabled={name === '' || fault !== undefined}>
							{action}
						</Button>
					</Group>
				</Stack>
			</form>
		</Modal>
	);
}

/** Who renames a file mostly keeps its ending. */
function stemLength(name: string): number {
	const dot = name.lastIndexOf('.');
	return dot > 0 ? dot : name.length;
}
