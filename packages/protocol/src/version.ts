/**
 * Version of everything in this package that travels. Client and server may be one apart, and then the newer one speaks
 * as the older does. Whoever answers ignores no field of a request, because it may change what is asked for; whoever
 * asks ignores what it does not know in an answer.
 */
export const PROTOCOL_VERSION = 1;
/** Sent with every request by daemons and servers; a server answers 426 to one that it cannot speak with. */
export const VERSION_HEADER = 'x-mydropbox-protocol';
