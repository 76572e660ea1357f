import { CLI, Device } from './device.ts';
import { type Finished, runProgram } from './process.ts';

/** What lets root read and write what it may not. */
const PRIVILEGES = '-dac_override,-dac_read_search';

/** A device on which permissions hold, also when root runs the tests: root reads everything otherwise. */
export class UnprivilegedDevice extends Device {
	override async try(args: readonly string[], input?: string): Promise<Finished> {
		if (process.getuid?.() !== 0) return super.try(args, input);
		const program = [process.execPath, CLI, '--home', this.home, ...args];
		return runProgram([`--bounding-set=${PRIVILEGES}`, `--inh-caps=${PRIVILEGES}`, ...program], {
			command: 'setpriv',
			...(input !== undefined && { input }),
		});
	}
}
