/**
 * Runs one benchmark: `npm run bench -- <name> [options]`. Each prints ratios against a rival measured in the same run.
 */
import { readdirSync } from 'node:fs'

const [name, ...args] = process.argv.slice(2)
const known = readdirSync(new URL('.', import.meta.url))
  .filter(file => file.endsWith('.ts') && file !== 'main.ts')
  .map(file => file.replace('.ts', ''))

if (name === undefined || !known.includes(name)) {
  process.stderr.write(`usage: npm run bench -- <name> [options]\nbenchmarks: ${known.join(', ')}\n`)
  process.exit(2)
}
const { default: run } = (await import(`./${name}.ts`)) as { default(args: string[]): Promise<void> }
await run(args)
