/** Imported for what it does: processes that tests start load their code compiled, in two thirds of the time. */
process.env.NODE_COMPILE_CACHE ??= new URL('../node_modules/.cache/compiled', import.meta.url).pathname
