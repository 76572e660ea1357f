import type { FileEntry } from '@mydropbox/protocol/web';
import {
	IconFile,
	IconFileCode,
	IconFileMusic,
	IconFileText,
	IconFileTypePdf,
	IconFileZip,
	IconFolderFilled,
	IconLink,
	IconMovie,
	IconPhoto,
	IconTable,
	type TablerIcon,
} from '@tabler/icons-react';

const BY_EXTENSION: readonly (readonly [TablerIcon, string, RegExp])[] = [
	[IconPhoto, 'grape', /\.(jpe?g|png|gif|webp|avif|heic|svg|bmp|tiff?|ico)$/i],
	[IconMovie, 'pink', /\.(mp4|m4v|mov|mkv|webm|avi)$/i],
	[IconFileMusic, 'orange', /\.(mp3|m4a|flac|ogg|opus|wav|aac)$/i],
	[IconFileTypePdf, 'red', /\.pdf$/i],
	[IconTable, 'teal', /\.(csv|tsv|xlsx?|ods|numbers)$/i],
	[IconFileZip, 'yellow', /\.(zip|gz|tgz|xz|bz2|zst|7z|rar|tar|deb|rpm|iso|dmg)$/i],
	[IconFileCode, 'cyan', /\.([cm]?[jt]sx?|json|html?|css|py|rb|rs|go|java|kt|c|h|cc|cpp|hpp|sh|sql|ya?ml|toml|xml)$/i],
	[IconFileText, 'blue', /\.(txt|md|rst|log|rtf|docx?|odt|pages|epub)$/i],
];

interface Props {
	readonly entry: { readonly kind: FileEntry['kind']; readonly name: string };
	readonly size?: number;
}

export function FileIcon({ entry: { kind, name }, size = 24 }: Props) {
	const [Icon, color] = look(kind, name);
	const shade = `light-dark(var(--mantine-color-${color}-7), var(--mantine-color-${color}-4))`;
	return <Icon size={size} stroke={1.5} color={shade} aria-hidden style={{ flexShrink: 0 }} />;
}

function look(kind: FileEntry['kind'], name: string): readonly [TablerIcon, string] {
	if (kind === 'folder') return [IconFolderFilled, 'indigo'];
	if (kind === 'symlink') return [IconLink, 'gray'];
	const [Icon, color] = BY_EXTENSION.find(([, , pattern]) => pattern.test(name)) ?? [IconFile, 'gray'];
	return [Icon, color];
}
