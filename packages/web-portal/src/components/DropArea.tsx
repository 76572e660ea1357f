import { Text } from '@mantine/core';
import { IconCloudUp } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import classes from './DropArea.module.css';

interface Props {
	/** Name of the folder that gets the files. */
	readonly target: string;
	readonly onDrop: (data: DataTransfer) => void;
}

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** The whole window takes dropped files; while some hover over it, it says where they would go. */
export function DropArea({ target, onDrop }: Props) {
	const [hovering, setHovering] = useState(false);
	const latest = useRef(onDrop);
	useEffect(() => {
		latest.current = onDrop;
	});

	useEffect(() => {
		// `dragenter` and `dragleave` also come from every element inside, so they are counted.
		let depth = 0;
		const enter = (event: DragEvent) => {
			if (!hasFiles(event)) return;
			depth++;
			setHovering(true);
		};
		const leave = (event: DragEvent) => {
			if (hasFiles(event) && --depth <= 0) stop();
		};
		const over = (event: DragEvent) => hasFiles(event) && event.preventDefault();
		const drop = (event: DragEvent) => {
			if (!hasFiles(event) || !event.dataTransfer) return;
			event.preventDefault();
			stop();
			latest.current(event.dataTransfer);
		};
		const stop = () => {
			depth = 0;
			setHovering(false);
		};
		const listening = new AbortController();
		const options = { signal: listening.signal };
		window.addEventListener('dragenter', enter, options);
		window.addEventListener('dragleave', leave, options);
		window.addEventListener('dragover', over, options);
		window.addEventListener('drop', drop, options);
		return () => listening.abort();
	}, []);

	if (!hovering) return null;
	return (
		<div className={classes.area} role="status">
			<IconCloudUp size={56} stroke={1.3} />
			<Text size="xl" fw={600}>
				Drop to upload to “{target}”
			</Text>
		</div>
	);
}
