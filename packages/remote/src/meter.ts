/** Counts the bytes of blocks that travelled, repeated attempts included. */
export interface Meter {
	sent(bytes: number): void;
	received(bytes: number): void;
}

export class ByteMeter implements Meter {
	bytesSent = 0;
	bytesReceived = 0;

	sent(bytes: number): void {
		this.bytesSent += bytes;
	}

	received(bytes: number): void {
		this.bytesReceived += bytes;
	}
}

export const NO_METER: Meter = { sent() {}, received() {} };
