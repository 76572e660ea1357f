// npm test: installs what is missing, checks the code, runs every test. `npm test -- packages/remote` runs only those.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECK_COUNT, check } from './check.mjs';
import { prepare } from './tools/install.mjs';
import { buildPortal } from './tools/portal.mjs';
import { findChromium, installTestPrograms } from './tools/programs.mjs';
import { main, ROOT, run } from './tools/run.mjs';

await main(async (args) => {
	const node = await prepare();
	await installTestPrograms(node);
	await buildPortal(node);
	const failedChecks = args.length === 0 ? await check(node) : [];
	const passedChecks = args.length === 0 ? CHECK_COUNT - failedChecks.length : 0;
	const tests = await runJest(node, args);
	if (failedChecks.length > 0) console.log(`Failed checks: ${failedChecks.join(', ')}`);
	// The line that the CI reads.
	console.log(`${tests.passed + passedChecks} passed, ${tests.failed + failedChecks.length} failed`);
	return tests.ok && failedChecks.length === 0 ? 0 : 1;
});

async function runJest(node, args) {
	const directory = mkdtempSync(join(tmpdir(), 'mydropbox-jest-'));
	const outputFile = join(directory, 'result.json');
	const jest = [
		'--experimental-vm-modules',
		'--disable-warning=ExperimentalWarning',
		join(ROOT, 'node_modules/jest/bin/jest.js'),
		`--maxWorkers=${availableParallelism()}`,
		'--json',
		`--outputFile=${outputFile}`,
	];
	try {
		const env = { ...process.env, MYDROPBOX_TEST_CHROMIUM: findChromium() };
		// With --json, jest writes the result to standard output too; what people read goes to standard error.
		const code = await run(node, [...jest, ...args], { env, quiet: true });
		return { ok: code === 0, ...count(outputFile) };
	} finally {
		rmSync(directory, { recursive: true, force: true });
	}
}

/** A file that could not even be loaded counts as one failed test; so does a run that did not come to its end. */
function count(outputFile) {
	try {
		const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(outputFile, 'utf8'));
		return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
	} catch {
		return { passed: 0, failed: 1 };
	}
}
