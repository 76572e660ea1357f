export default async function tearDown() {
	await globalThis.sharedMariaDb?.stop();
}
