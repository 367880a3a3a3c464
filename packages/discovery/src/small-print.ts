/** Small print: what of a text counts less than the rest of it. */

/**
 * Stands before the small print of a text (parameters, tags, examples): words after it count {@link SMALL_PRINT_SHARE}.
 * A form feed: to every other embedder it is white space.
 */
export const SMALL_PRINT = '\f'

/** DISCOVERY.md §1: such words at .4 help, in full they drown what the text is about. */
export const SMALL_PRINT_SHARE = 0.4
