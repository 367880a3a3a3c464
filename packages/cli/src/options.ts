/** Options that many commands share, read once and checked here. */
import { type Command, InvalidArgumentError } from 'commander'

export interface OutputOptions {
  json?: boolean
  verbose?: boolean
}

export interface MeshOptions extends OutputOptions {
  /** Name of the mesh. */
  mesh?: string
  /** Addresses of peers to join. */
  join?: string[]
  /** host:port, or a port. */
  listen?: string
  dataDir?: string
  /** What `amp-mesh invite` printed. */
  invitation?: string
  /** `auto`, `lexical`, `transformers:<model>` or `openai:<model>`. */
  embedder?: string
}

export const withOutputOptions = (command: Command): Command =>
  command
    .option('--json', 'one JSON object a line on stdout, nothing else')
    .option('--verbose', 'the log of the peer on stderr')

export const withMeshOptions = (command: Command): Command =>
  withOutputOptions(
    command
      .option('--mesh <name>', 'name of the mesh (default: that of the peer joined)')
      .option('--join <address...>', 'peers to join (default: $AMP_MESH_JOIN, then the peers running on this machine)')
      .option('--listen <host:port>', 'where others can reach this peer (default: 127.0.0.1, a free port)')
      .option('--invitation <line>', 'what `amp-mesh invite` printed: makes you a member, and says where to join')
      .option('--data-dir <folder>', 'where keys and spaces are kept')
      .option(
        '--embedder <name>',
        'what compares meanings: lexical (default), auto, transformers:<model or folder>, openai:<model>',
      ),
  )

/** Where a command looks for what is stored. */
export const withWhereabouts = (command: Command): Command =>
  withOutputOptions(
    command
      .option('--mesh <name>', 'look only at this mesh')
      .option(
        '--folder <name>',
        "look only into this peer's folder (default: all, those of questions asked here first)",
      )
      .option('--data-dir <folder>', 'where keys and spaces are kept'),
  )

/** A positive number, e.g. seconds. */
export function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.')
  return value
}

export function positiveInteger(text: string): number {
  const value = positive(text)
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.')
  return value
}

/** One of a list of servers, as `host:port`. */
export function server(text: string, before: readonly string[] = []): string[] {
  if (!/^(\[[\da-f:]+\]|[\w.-]+):\d{1,5}$/i.test(text)) throw new InvalidArgumentError('It must be <host>:<port>.')
  return [...before, text]
}
