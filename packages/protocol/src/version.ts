/** Version of everything in this package that travels. Client and server may be one apart. */
export const PROTOCOL_VERSION = 1;
/** Sent with every request by daemons and servers; a server answers 426 to one that it cannot speak with. */
export const VERSION_HEADER = 'x-mydropbox-protocol';
