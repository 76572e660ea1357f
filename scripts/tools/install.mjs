import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, ROOT, run } from './run.mjs';

const NODE_FLOOR = 24;
const OWN_NODE = join(ROOT, 'node_modules', '.bin', 'node');

/**
 * Makes sure that what package-lock.json asks for is installed, and that there is a Node that runs TypeScript.
 * @returns the path of that Node: this one if it is new enough, else the one that the npm package `node` brings.
 */
export async function prepare() {
	if (!isInstalled()) await install();
	if (Number.parseInt(process.versions.node, 10) >= NODE_FLOOR) return process.execPath;
	if (!existsSync(OWN_NODE)) await bringNode();
	return OWN_NODE;
}

/** npm writes down what it has installed, so there is no need to ask npm, which takes a second, at every start. */
function isInstalled() {
	const installed = readLock(join('node_modules', '.package-lock.json'));
	if (!installed) return false;
	return Object.entries(readLock('package-lock.json') ?? {}).every(
		([path, { version, link, optional }]) =>
			!path.startsWith('node_modules/') ||
			optional ||
			(link ? installed[path]?.link : installed[path]?.version === version),
	);
}

function readLock(path) {
	const file = join(ROOT, path);
	return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined;
}

async function install() {
	console.log('Installing what MyDropbox needs into node_modules (the first time this takes a minute) …');
	const options = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
	if ((await npm('ci', ...options)) === 0) return;
	// Registries that lag behind may lack a package for some other platform; `npm install` does not mind.
	console.log('npm ci did not work here; trying npm install …');
	if ((await npm('install', '--no-save', ...options)) === 0) return;
	throw new Failure(
		'The dependencies could not be installed; npm says above why. Most often the registry cannot be reached: ' +
			'check the network (and `npm config get registry`), then run the same command again.',
	);
}

/** For npm versions and settings that did not run the install script of the package `node`. */
async function bringNode() {
	const directory = join(ROOT, 'node_modules', 'node');
	const installer = 'installArchSpecificPackage.js';
	if (existsSync(join(directory, installer))) {
		await run(process.execPath, [installer], { cwd: directory, quiet: true });
	}
	if (existsSync(OWN_NODE)) return;
	throw new Failure(
		`MyDropbox needs Node ${NODE_FLOOR} or newer; this is Node ${process.versions.node}, and the npm package ` +
			'"node" could not bring a newer one. Install it from https://nodejs.org and run the same command again.',
	);
}

/** The npm that started this script, or else the one in PATH. */
function npm(...args) {
	const { npm_execpath: script, npm_node_execpath: node } = process.env;
	return script && node && existsSync(node)
		? run(node, [script, ...args])
		: run('npm', args, { shell: process.platform === 'win32' });
}
