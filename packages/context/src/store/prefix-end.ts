/** The end of the range of all keys that start alike. */

/** The first key behind all those that start with `prefix`, which ends in a slash. */
export const prefixEnd = (prefix: string): string => `${prefix.slice(0, -1)}0`
