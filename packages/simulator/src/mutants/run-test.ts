import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Hunted } from './hunt.ts';
import type { Mutant, WatchingTest } from './mutant.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
const CONFIG = join(ROOT, 'scripts/jest/mutants.config.mjs');

export class TestSaysNothing extends Error {
	override readonly name = 'TestSaysNothing';
}

/**
 * Runs the test that watches a guard, without the guard.
 * @throws TestSaysNothing when there is no such test, or it fails with the guard, too.
 */
export async function runTest({ name, test }: Mutant & { test: WatchingTest }): Promise<Hunted> {
	const before = await run(test, '');
	if (before.failed.length > 0 || before.ran === 0)
		throw new TestSaysNothing(
			`${name}: "${test.name}" in ${test.suite} ran ${before.ran} tests; ${before.failed.length} failed`,
		);
	const { ran, failed, milliseconds } = await run(test, name);
	const [first] = failed;
	return {
		runs: ran,
		found: first === undefined ? null : { seed: test.suite, invariant: 'test', message: first },
		milliseconds,
	};
}

async function run({ suite, name }: WatchingTest, mutant: string) {
	const dir = await mkdtemp(join(tmpdir(), 'mydropbox-mutant-'));
	const output = join(dir, 'results.json');
	const started = performance.now();
	try {
		const jest = [
			'--disable-warning=ExperimentalWarning',
			'--experimental-vm-modules',
			'node_modules/jest/bin/jest.js',
		];
		const pattern = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
		const args = [
			...jest,
			'--config',
			CONFIG,
			join('packages', suite),
			'-t',
			pattern,
			'--json',
			'--outputFile',
			output,
		];
		const env = { ...process.env, MUTANT: mutant };
		await promisify(execFile)(process.execPath, args, { cwd: ROOT, env, maxBuffer: 1e8 }).catch(() => undefined);
		const { testResults } = JSON.parse(await readFile(output, 'utf8')) as JestResults;
		const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
		const ofStatus = (wanted: string) =>
			tests.filter(({ status }) => status === wanted).map(({ fullName }) => fullName);
		const failed = ofStatus('failed');
		return {
			ran: ofStatus('passed').length + failed.length,
			failed,
			milliseconds: Math.round(performance.now() - started),
		};
	} finally {
		await rm(dir, { recursive: true });
	}
}

interface JestResults {
	readonly testResults: readonly {
		readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
	}[];
}
