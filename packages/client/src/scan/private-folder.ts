/** Of everything in the folder, the one name that is MyDropbox's own. */
export const PRIVATE_FOLDER = '.mydropbox';
