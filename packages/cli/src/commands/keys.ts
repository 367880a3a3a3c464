/** `amp-mesh keys`: the identities on this machine, where they lie, and whether anybody else could read them. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fromBase64url, identityFromSeed } from '@amp-mesh/protocol'
import type { Command } from 'commander'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type OutputOptions, withOutputOptions } from '../options.ts'
import { plainText } from '../render/plain-text.ts'
import type { World } from '../world.ts'

export interface KeysOptions extends OutputOptions {
  mesh?: string
  dataDir?: string
}

export const describeKeys = (command: Command): Command =>
  withOutputOptions(
    command
      .description('List the identities on this machine. A peer makes its own when it first starts.')
      .option('--mesh <name>', 'only of this mesh')
      .option('--data-dir <folder>', 'where to look (default: where peers keep them)'),
  ).addHelpText('after', '\nExit code 1 when others can read a key.\n\nExample:\n  amp-mesh keys --json')

export async function keys({ mesh, dataDir }: KeysOptions, world: World): Promise<ExitCode> {
  const root = dataDir === undefined ? await world.dataRoot() : resolve(dataDir)
  let exposed = false
  let found = 0
  for (const [meshName, name] of await peerFolders(root)) {
    if (mesh !== undefined && mesh !== meshName) continue
    const key = await readKey(join(root, meshName, name, 'key'))
    if (key === undefined) continue
    found++
    const secret = await isPrivate(key.file)
    exposed ||= !secret
    const line = {
      type: 'key',
      mesh: meshName,
      name,
      peer: key.peerId,
      publicKey: key.publicKey,
      file: key.file,
      private: secret,
    }
    world.terminal.tell(line, ({ palette }) => [
      `${secret ? palette.good('●') : palette.bad('●')} ${palette.strong(plainText(`${meshName}/${name}`))}`,
      `  peer id     ${key.peerId}`,
      `  public key  ${key.publicKey}`,
      palette.quiet(`  key file    ${plainText(key.file)}`),
      ...(secret ? [] : [palette.bad(`  Others can read it: chmod 600 '${plainText(key.file)}'`)]),
    ])
  }
  if (found === 0) world.terminal.remark(`No keys in ${plainText(root)}. A peer makes its own when it first starts.`)
  return exposed ? EXIT.failure : EXIT.ok
}

/** Who the key in `file` makes one; undefined when there is none, or it is not a key. Only looks: changes nothing. */
async function readKey(file: string) {
  try {
    const seed = fromBase64url((await readFile(file, 'utf8')).trim())
    return { file, ...identityFromSeed(seed) }
  } catch {
    return undefined
  }
}

/** [mesh, name] of each folder two levels below `root`. */
async function peerFolders(root: string): Promise<[mesh: string, name: string][]> {
  const meshes = await foldersIn(root)
  const names = await Promise.all(meshes.map(mesh => foldersIn(join(root, mesh))))
  return meshes.flatMap((mesh, i) => (names[i] ?? []).map((name): [string, string] => [mesh, name]))
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
    .sort()
}

/** Windows has no such bits: there the user's profile protects it. */
async function isPrivate(file: string): Promise<boolean> {
  return process.platform === 'win32' || ((await stat(file)).mode & 0o077) === 0
}
