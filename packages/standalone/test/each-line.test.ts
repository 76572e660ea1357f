import { PassThrough } from 'node:stream';
import { eachLine } from '../src/service.ts';

test('a line ends where a server ended it, and nowhere else', async () => {
	const stream = new PassThrough();
	const lines: string[] = [];
	eachLine(stream, (line) => lines.push(line));
	const bytes = Buffer.from('{"name":"ö\u2028{forged}"}\n\nnext\nlast');
	for (const byte of bytes) stream.write(Buffer.of(byte));
	stream.end();
	await new Promise((resolve) => stream.once('end', resolve));
	expect(lines).toEqual(['{"name":"ö\u2028{forged}"}', '', 'next', 'last']);
});
