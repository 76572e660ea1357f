import { Command, InvalidArgumentError } from 'commander';
import { requireConfig } from '../../daemon/config.ts';
import { askDaemon } from '../../daemon/ipc-client.ts';
import { type DaemonStatus, stoppedStatus } from '../../daemon/status.ts';
import { UserError } from '../../daemon/user-error.ts';
import { type Cli, EXIT, type ExitCode } from '../cli.ts';
import { bytes, items, number, stateLine } from '../format.ts';
import { sayNotRunning } from '../not-running.ts';
import { Progress } from '../progress.ts';

/** As many as one still reads. */
const PROBLEMS_SHOWN = 20;

interface Options {
	readonly json?: boolean;
	readonly wait?: boolean;
	/** Seconds. */
	readonly timeout?: number;
}

export const describe = (): Command =>
	new Command('status')
		.description('say whether the folder is up to date, and what is left to do')
		.option('--json', 'for scripts')
		.option('--wait', 'return when nothing is left that goes on by itself; code 0 only when all is up to date')
		.option('--timeout <seconds>', 'with --wait: give up after this time', seconds);

export async function run(cli: Cli, options: Options): Promise<ExitCode> {
	const { home, terminal } = cli;
	const config = requireConfig(home);
	const status = options.wait ? await waitForDaemon(cli, options) : await askDaemon(home, 'GET /status');
	if (options.json) terminal.print(JSON.stringify(status ?? stoppedStatus(config), null, '\t'));
	else if (status) for (const line of report(status, cli)) terminal.print(line);
	if (!status) return options.json ? EXIT.notRunning : sayNotRunning(cli);
	return options.wait && status.state !== 'up-to-date' ? EXIT.failed : EXIT.fine;
}

async function waitForDaemon(
	{ home, terminal, command }: Cli,
	{ timeout }: Options,
): Promise<DaemonStatus | undefined> {
	const now = await askDaemon(home, 'GET /status');
	if (!now) return undefined;
	if (now.state === 'paused') throw new UserError('Syncing is paused.', `Go on with: ${command('resume')}`);
	const deadline = new AbortController();
	const timer = timeout === undefined ? undefined : setTimeout(() => deadline.abort(), timeout * 1000);
	const progress = new Progress();
	let isOver = false;
	const show = async () => {
		const status = await askDaemon(home, 'GET /status').catch(() => undefined);
		if (status && !isOver) terminal.showLine(progress.line(status));
	};
	const live = terminal.isLive ? setInterval(() => void show(), 500) : undefined;
	try {
		return await askDaemon(home, 'POST /settle', deadline.signal);
	} catch (error) {
		if (!deadline.signal.aborted) throw error;
		const status = await askDaemon(home, 'GET /status');
		const state = status ? stateLine(status) : 'Not running';
		throw new UserError(`Not up to date after ${timeout} seconds. ${state}.`, 'It goes on in the background.');
	} finally {
		isOver = true;
		clearTimeout(timer);
		clearInterval(live);
		terminal.endLine();
	}
}

function* report(status: DaemonStatus, { command }: Cli): Generator<string> {
	yield `${stateLine(status)}.`;
	if (status.state === 'offline' && status.offline !== null) yield status.offline;
	if (status.state === 'paused') yield `Go on with: ${command('resume')}`;
	for (const { path, reason, nextStep } of status.problems.slice(0, PROBLEMS_SHOWN)) {
		yield '';
		yield `  ${path === '' ? status.folder : path}: ${reason}`;
		yield `    ${nextStep}`;
	}
	const more = status.problemCount - PROBLEMS_SHOWN;
	if (more > 0) yield `\n  … and ${number(more)} more; ${command('status --json')} lists the first ${number(1000)}.`;
	yield '';
	yield `Folder     ${status.folder}`;
	yield `Account    ${status.username} on ${status.server}`;
	yield `Device     ${status.device} (process ${status.pid})`;
	yield `Traffic    ${bytes(status.bytesSent)} sent, ${bytes(status.bytesReceived)} received since it was started`;
	for (const { path, bytesHere, bytes: all } of status.arriving)
		yield `Arriving   ${path}: ${bytes(bytesHere)} of ${bytes(all)} are here; it shows when another device has sent all of it`;
	if (status.excluded > 0)
		yield `Excluded   ${items(status.excluded, 'path')} not on this device (mydropbox exclude lists them)`;
	if (status.ignored > 0) yield `Ignored    ${items(status.ignored, 'thing')} here, by .mydropboxignore`;
	if (status.lastSync) yield `In sync    ${new Date(status.lastSync).toLocaleString()}`;
}

function seconds(text: string): number {
	const value = Number(text);
	if (text !== '' && Number.isFinite(value) && value >= 0) return value;
	throw new InvalidArgumentError('It must be a number of seconds.');
}
