/** The command line of a script or benchmark: options by their defaults; its help is the first comment of its file. */
import { readFileSync } from 'node:fs'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** Of an option that is not named. An empty text stands for none; one with a list may be named again and again. */
type Default = string | number | boolean | readonly string[]

type Value<D extends Default> = D extends string
  ? string
  : D extends number
    ? number
    : D extends boolean
      ? boolean
      : readonly string[]

export interface CommandLine<D extends Record<string, Default>> {
  /** Each of its default's type; numbers are finite. */
  values: { [K in keyof D]: Value<D[K]> }
  positionals: string[]
  /** Says what is wrong and what there is, and exits with 2. */
  refuse(why: string): never
}

/** Reads the command line of the module `url`. `--help` prints its help and exits with 0; a wrong option, with 2. */
export function commandLine<const D extends Record<string, Default>>(
  url: string,
  defaults: D,
  args: readonly string[] = process.argv.slice(2),
): CommandLine<D> {
  const refuse = (why: string): never => {
    process.stderr.write(`${why}\n\n${helpOf(url, defaults)}`)
    process.exit(2)
  }
  if (args.includes('--help')) {
    process.stdout.write(helpOf(url, defaults))
    process.exit(0)
  }
  try {
    const options = optionsOf(defaults)
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const read = ([name, preset]: [string, Default]) => [name, readValue(name, values[name], preset)]
    const all = Object.fromEntries(Object.entries(defaults).map(read)) as CommandLine<D>['values']
    return { values: all, positionals, refuse }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

const optionsOf = (defaults: Record<string, Default>): ParseArgsOptionsConfig =>
  Object.fromEntries(
    Object.entries(defaults).map(([name, preset]) => [
      name,
      { type: typeof preset === 'boolean' ? 'boolean' : 'string', multiple: Array.isArray(preset) },
    ]),
  )

function readValue(name: string, given: unknown, preset: Default): unknown {
  if (given === undefined || typeof preset !== 'number') return given ?? preset
  const number = Number(given)
  if (given === '' || !Number.isFinite(number)) throw new Error(`--${name} takes a number, not '${given}'`)
  return number
}

/** The first comment of the file, and the options with their defaults. */
function helpOf(url: string, defaults: Record<string, Default>): string {
  const comment = /\/\*\*(.*?)\*\//s.exec(readFileSync(new URL(url), 'utf8'))?.[1] ?? ''
  const words = comment.replaceAll(/^ *\* ?/gm, '').trim()
  const shown = (preset: Default) => (typeof preset === 'boolean' || `${preset}` === '' ? '' : ` ${preset}`)
  const options = Object.entries(defaults).map(([name, preset]) => `--${name}${shown(preset)}`)
  return `${words}\n\noptions: ${['--help', ...options].join('  ')}\n`
}
