import { Text, type TextProps } from '@mantine/core';
import { formatDate, formatFullDate } from '../format.ts';

interface Props extends Omit<TextProps, 'span' | 'inline'> {
	readonly iso: string;
	readonly format?: (iso: string) => string;
}

/** A date, briefly; the whole of it is the title. */
export function When({ iso, format = formatDate, ...look }: Props) {
	return (
		<Text size="sm" component="time" display="block" dateTime={iso} title={formatFullDate(iso)} {...look}>
			{format(iso)}
		</Text>
	);
}
