import { jest } from '@jest/globals';
import { createLog } from '../src/index.ts';

test('what secrets are in is not written down, also not in what a database says went wrong', () => {
	const lines: string[] = [];
	const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
	const log = createLog('server');
	const failed = Object.assign(new Error('Data too long'), { sql: "insert into Users values ('s3cret')" });
	log.warn({ err: failed }, 'one');
	log.child({ req: { id: 7 } }).error({ err: failed }, 'two');
	log.info({ clusterSecret: 's3cret', headers: { authorization: 's3cret', cookie: 's3cret' } }, 'three');
	write.mockRestore();
	expect(lines).toHaveLength(3);
	expect(lines.join('')).toContain('Data too long');
	expect(lines.join('')).not.toContain('s3cret');
});
