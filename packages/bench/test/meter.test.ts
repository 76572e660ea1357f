import { MACHINE_MARK, Machine, RUN_MARK } from '../src/machines/machine.ts';
import { Meter } from '../src/machines/meter.ts';
import { OwnProcesses } from '../src/machines/processes.ts';

/** Says how many seconds of processor time it has taken, once that is more than 0.3. */
const BURN = `
	const used = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
	while (used() < 0.3) for (let i = 0; i < 1e6; i++);
	console.log('used ' + used());
`;
const THEN_IDLE = 'setInterval(() => {}, 1000);';
const SAID = /^used (.*)$/m;
/** Seconds that starting and ending may take besides. */
const MARGIN = 0.3;

const machine = new Machine('a', '127.0.0.1', []);
const network = {
	a: machine,
	server: machine,
	b: machine,
	hopBytes: () => undefined,
	limit: () => {},
	close: () => {},
};

beforeEach(() => {
	process.env[RUN_MARK] = 'meter.test';
});

afterEach(() => {
	delete process.env[RUN_MARK];
	delete process.env[MACHINE_MARK];
});

it('counts the processor time of a program that has ended and of one that goes on, each once', async () => {
	const own = new OwnProcesses('meter.test');
	const meter = new Meter(own, network);
	const first = SAID.exec(await machine.run(process.execPath, ['-e', BURN]));
	const daemon = machine.start(process.execPath, ['-e', BURN + THEN_IDLE]);
	const second = await daemon.says(SAID);
	const { cpuSeconds, peakBytes, processes } = meter.stop();
	await daemon.stop();
	const used = Number(first?.[1]) + Number(second[1]);
	expect(Math.abs(cpuSeconds - used)).toBeLessThan(MARGIN);
	expect(processes).toMatchObject([{ machine: 'a' }]);
	expect(peakBytes.a).toBeGreaterThan(20e6);
	expect(peakBytes.server).toBe(0);
});

it('does not count what a program did before', async () => {
	const own = new OwnProcesses('meter.test');
	const daemon = machine.start(process.execPath, ['-e', BURN + THEN_IDLE]);
	await daemon.says(SAID);
	const { cpuSeconds } = new Meter(own, network).stop();
	await daemon.stop();
	expect(cpuSeconds).toBeLessThan(MARGIN);
});
