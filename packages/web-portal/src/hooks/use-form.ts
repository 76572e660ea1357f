import { type FormEvent, useState } from 'react';
import type { z } from 'zod';

type Values = Record<string, string>;

/** A form of text fields, checked by the very schema that the server checks with. */
export function useForm<V extends Values>(schema: z.ZodType<unknown>, initial: V, submit: (values: V) => void) {
	const [values, setValues] = useState(initial);
	const [tried, setTried] = useState(false);
	const faults = faultsOf(schema, values);

	return {
		values,
		field: (name: keyof V & string) => ({
			name,
			value: values[name],
			onChange: (event: { currentTarget: { value: string } }) => {
				const { value } = event.currentTarget;
				setValues((before) => ({ ...before, [name]: value }));
			},
			/** Nobody is told off before they have finished. */
			error: tried && faults[name],
		}),
		onSubmit: (event: FormEvent<HTMLFormElement>) => {
			event.preventDefault();
			setTried(true);
			const first = Object.keys(faults)[0];
			if (first === undefined) return submit(values);
			event.currentTarget.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
		},
	};
}

function faultsOf(schema: z.ZodType<unknown>, values: Values): Record<string, string> {
	const result = schema.safeParse(values);
	const faults: Record<string, string> = {};
	for (const issue of result.error?.issues ?? []) {
		const name = String(issue.path[0] ?? '');
		faults[name] ??= values[name] === '' ? 'Please fill this in' : capitalised(issue.message);
	}
	return faults;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
