import { Anchor, Breadcrumbs, Text } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { Link, type To } from 'react-router';
import { folderAddress, namesOf } from '../location.ts';

interface Props {
	readonly path: string;
	/** Name of the first step. */
	readonly root?: string;
	/** Where a step leads. */
	readonly address?: (path: string) => To;
	/** Makes the steps buttons, inside a dialog that does not leave the page. */
	readonly onOpen?: (path: string) => void;
}

/** Where we are: "Files › Photos › 2026", each step but the last leads there. */
export function FolderPath({ path, root = 'Files', address = folderAddress, onOpen }: Props) {
	const names = namesOf(path);
	const steps = [
		{ name: root, path: '/' },
		...names.map((name, index) => ({ name, path: `/${names.slice(0, index + 1).join('/')}` })),
	];
	const size = onOpen ? 'sm' : 'xl';
	return (
		<nav aria-label="Folder">
			<Breadcrumbs
				separator={<IconChevronRight size={16} />}
				separatorMargin={4}
				style={{ flexWrap: 'wrap', rowGap: 4 }}
			>
				{steps.map((step, index) => {
					if (index === steps.length - 1) {
						return (
							<Text
								key={step.path}
								component={onOpen ? 'span' : 'h1'}
								fw={650}
								size={size}
								m={0}
								aria-current="page"
								style={{ whiteSpace: 'normal' }}
							>
								{step.name}
							</Text>
						);
					}
					return onOpen ? (
						<Anchor key={step.path} component="button" type="button" size={size} onClick={() => onOpen(step.path)}>
							{step.name}
						</Anchor>
					) : (
						<Anchor
							key={step.path}
							component={Link}
							to={address(step.path)}
							size={size}
							style={{ whiteSpace: 'normal' }}
						>
							{step.name}
						</Anchor>
					);
				})}
			</Breadcrumbs>
		</nav>
	);
}
