import { Anchor, Breadcrumbs, Text } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { Link } from 'react-router';
import { folderAddress } from '../location.ts';

interface Props {
	readonly path: string;
	/** Makes the steps buttons, inside a dialog that does not leave the page. */
	readonly onOpen?: (path: string) => void;
}

/** Where we are: "Files › Photos › 2026", each step but the last leads there. */
export function FolderPath({ path, onOpen }: Props) {
	const names = path.split('/').filter((name) => name !== '');
	const steps = [
		{ name: 'Files', path: '/' },
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
							to={folderAddress(step.path)}
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
