/**
 * ESM TypeScript: swc only strips the types. Node needs `--experimental-vm-modules`, which scripts/test.mjs passes.
 * @type {import('jest').Config}
 */
export default {
	testMatch: ['<rootDir>/packages/*/test/**/*.test.ts'],
	testEnvironment: 'node',
	extensionsToTreatAsEsm: ['.ts', '.tsx'],
	moduleFileExtensions: ['ts', 'tsx', 'mjs', 'js', 'json', 'node'],
	transform: {
		'\\.tsx?$': [
			'@swc/jest',
			{
				jsc: { target: 'es2024', parser: { syntax: 'typescript', tsx: false }, keepClassNames: true },
				module: { type: 'es6' },
				sourceMaps: 'inline',
			},
		],
	},
	// Workspaces are links into packages/, so their sources are transformed like any other file.
	transformIgnorePatterns: ['/node_modules/'],
	modulePathIgnorePatterns: ['<rootDir>/packages/[^/]+/dist/', '<rootDir>/data/'],
	globalSetup: '<rootDir>/scripts/jest/global-setup.mjs',
	globalTeardown: '<rootDir>/scripts/jest/global-teardown.mjs',
	testTimeout: 30_000,
};
