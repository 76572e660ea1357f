import { PassThrough } from 'node:stream';
import { bytes, duration } from '../src/cli/format.ts';
import { readPassword } from '../src/cli/input.ts';
import { Progress } from '../src/cli/progress.ts';
import { Terminal } from '../src/cli/terminal.ts';

function keyboard() {
	const input = Object.assign(new PassThrough(), { isTTY: true });
	const output = new PassThrough();
	return { input, output, terminal: new Terminal(input, output, output) };
}

test('a password that is typed is not shown', async () => {
	const { input, output, terminal } = keyboard();
	const password = readPassword(terminal, {});
	input.write('correcd\x7ft horse\r');
	await expect(password).resolves.toBe('correct horse');
	expect(String(output.read())).toBe('Password: \n');
});

test('Ctrl-C at the password cancels', async () => {
	const { input, terminal } = keyboard();
	const password = terminal.askSecret('Password: ');
	input.write('corr\x03');
	await expect(password).rejects.toThrow('Cancelled');
});

test('an empty password is not sent', async () => {
	const { input, terminal } = keyboard();
	const password = readPassword(terminal, {});
	input.write('\r');
	await expect(password).rejects.toThrow('empty');
});

test.each([
	[0, '0 bytes'],
	[1, '1 byte'],
	[999, '999 bytes'],
	[1000, '1.0 kB'],
	[999_499, '999 kB'],
	[999_500, '1.0 MB'],
	[1_234_567, '1.2 MB'],
	[5_000_000_000, '5.0 GB'],
])('%i is shown as %s', (count, text) => expect(bytes(count)).toBe(text));

test.each([
	[0.2, '1 s'],
	[59, '59 s'],
	[90, '2 min'],
	[3_720, '1 h 2 min'],
])('%d seconds are shown as %s', (seconds, text) => expect(duration(seconds)).toBe(text));

test('progress shows speed and time left', () => {
	let now = 0;
	const progress = new Progress(() => now);
	const status = {
		state: 'syncing',
		filesToGo: 3,
		bytesToGo: 100_000_000,
		bytesSent: 0,
		bytesReceived: 0,
		problemCount: 0,
	} as const;
	expect(progress.line(status)).toBe('Syncing: 3 files, 100 MB to go');
	now = 2000;
	expect(progress.line({ ...status, bytesSent: 20_000_000 })).toBe(
		'Syncing: 3 files, 100 MB to go · 10.0 MB/s · 10 s left',
	);
});
