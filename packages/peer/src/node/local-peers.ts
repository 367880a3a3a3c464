/** The peers running on this machine, as small files, so that a second terminal finds the first without an address. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { uptime } from 'node:os'
import { join } from 'node:path'
import type { PeerId } from '@amp-mesh/protocol'
import { dataRoot, folderName } from './data-folder.ts'

export interface LocalPeer {
  mesh: string
  peer: PeerId
  /** Multiaddrs, the PeerId included. */
  addresses: string[]
  pid: number
  /** ms since the epoch. */
  started: number
}

/** Folder of the files inside the mesh's: no agent can have this name. */
const FOLDER = '.peers'
const ADDRESSES = 8
const FILES = 1_000

/** Tells other processes of this user that the peer runs here. The function returned takes it back. */
export async function registerLocalPeer(
  { mesh, peer, addresses }: Pick<LocalPeer, 'mesh' | 'peer' | 'addresses'>,
  root: string = dataRoot(),
): Promise<() => Promise<void>> {
  const folder = join(root, folderName(mesh), FOLDER)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, `${peer}.json`)
  const entry: LocalPeer = { mesh, peer, addresses, pid: process.pid, started: Date.now() }
  const draft = `${file}.${process.pid}`
  await writeFile(draft, JSON.stringify(entry), { mode: 0o600 })
  await rename(draft, file) // a reader sees all of it or nothing
  return () => rm(file, { force: true })
}

/** Peers whose process is alive, the latest started first. Files of dead ones are removed. */
export async function localPeers(root: string = dataRoot()): Promise<LocalPeer[]> {
  const found: LocalPeer[] = []
  for (const mesh of await list(root)) {
    const folder = join(root, mesh, FOLDER)
    const files = (await list(folder)).filter(name => name.endsWith('.json')).slice(0, FILES)
    for (const name of files) {
      const file = join(folder, name)
      const entry = parse(await readFile(file, 'utf8').catch(() => ''))
      if (entry !== undefined && isRunning(entry)) found.push(entry)
      else await rm(file, { force: true })
    }
  }
  return found.sort((a, b) => b.started - a.started)
}

const list = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])

/** The entry, if the file has the shape of one. */
function parse(text: string): LocalPeer | undefined {
  try {
    const { mesh, peer, addresses, pid, started } = JSON.parse(text)
    const sound =
      typeof mesh === 'string' &&
      typeof peer === 'string' &&
      Array.isArray(addresses) &&
      addresses.every(address => typeof address === 'string') &&
      Number.isSafeInteger(pid) &&
      pid > 0 &&
      typeof started === 'number'
    return sound ? { mesh, peer, addresses: addresses.slice(0, ADDRESSES), pid, started } : undefined
  } catch {
    return undefined
  }
}

/** Its process id is taken, and the machine was not started anew since. */
function isRunning({ pid, started }: LocalPeer): boolean {
  if (started < Date.now() - uptime() * 1_000) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
