/** The part of the protocol that touches bytes: needs Node's crypto, so browsers import the package's root only. */
export * from './chunker.ts';
export * from './content.ts';
export * from './framing.ts';
export * from './memory.ts';
