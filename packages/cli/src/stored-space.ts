/** A space read from where it is kept, without starting a peer: a data folder, a running peer's store, or an export. */
import { createReadStream } from 'node:fs'
import type { Records } from '@amp-mesh/context'
import { type Audit, auditExport, auditStored, recordsOf, type SpaceBytes } from '@amp-mesh/context/history'
import type { Archive, ArchivePlace } from '@amp-mesh/peer/node'
import { AmpError, decodeGenesis, type Genesis, isCommons, type SpaceId } from '@amp-mesh/protocol'
import { plainText } from './render/plain-text.ts'
import type { World } from './world.ts'

export interface StoredSpace {
  readonly id: SpaceId
  readonly genesis: Genesis
  /** What passed the rules. */
  readonly records: Records
  readonly audit: Audit
  /** Of a space in a data folder: its bytes, and whose folder it is. */
  readonly kept?: { readonly bytes: SpaceBytes; readonly archive: Archive }
}

/** Where to look. */
export interface Whereabouts {
  mesh?: string
  dataDir?: string
  /** Name of a peer's folder; else all are searched. */
  folder?: string
  /** Look only at peers that run. */
  running?: boolean
  /** An export in place of all folders. */
  file?: string
}

/** Names the space of a mesh in place of an id. */
const COMMONS = 'commons'
/** Questions asked from the command line lie here; whoever looks for one most likely means these. */
const ASKERS = /^(cli(-\d+)?|asker)$/

/**
 * The space whose id begins with `id`, or the mesh's `commons`, for as long as `use` runs. Rejects with `no-such-space`
 * or `bad-input`.
 */
export async function withStoredSpace<T>(
  world: World,
  where: Whereabouts,
  id: string,
  use: (space: StoredSpace) => Promise<T>,
): Promise<T> {
  if (where.file !== undefined) return use(await exported(world, where.file, id))
  if (id === COMMONS && !where.running) return use(await fullestCommons(world, where))
  for await (const archive of archives(world, where)) {
    const found = (await archive.spaces()).filter(space => isMeant(space, id))
    const [one, another] = found
    if (another !== undefined) throw new AmpError('bad-input', `More than one id begins with ${id}: give more of it.`)
    // awaited here, while the folder is open: a failure would have no listener while the loop ends
    if (one !== undefined) return await use(await readSpace(world, archive, one))
  }
  const what = where.running ? 'carried by a peer that runs here' : 'stored here'
  throw new AmpError('no-such-space', `No space ${what} has an id that begins with ${plainText(id)}.`)
}

const isMeant = (space: { id: SpaceId; genesis: Uint8Array }, id: string): boolean =>
  id === COMMONS ? isCommons(decodeGenesis(space.genesis)) : space.id.startsWith(id)

/** Each peer carries the commons; the folder of whoever was there longest has most of it. */
async function fullestCommons(world: World, where: Whereabouts): Promise<StoredSpace> {
  let fullest: StoredSpace | undefined
  for await (const archive of archives(world, where))
    for (const stored of await archive.spaces()) {
      if (!isMeant(stored, COMMONS)) continue
      const { kept: _, ...space } = await readSpace(world, archive, stored)
      if (fullest === undefined || space.records.size > fullest.records.size) fullest = space
    }
  if (fullest === undefined) throw new AmpError('no-such-space', 'No commons of a mesh is stored here.')
  return fullest
}

/** Every space stored on this machine, each once; its folder is open while the loop looks at it. */
export async function* storedSpaces(world: World, where: Whereabouts): AsyncGenerator<StoredSpace> {
  const seen = new Set<SpaceId>()
  for await (const archive of archives(world, where))
    for (const each of await archive.spaces()) {
      if (seen.has(each.id)) continue
      seen.add(each.id)
      yield await readSpace(world, archive, each)
    }
}

/** An export as it is, whatever is wrong with it. Rejects with `bad-input` when there is no such file. */
export async function auditFile({ verifier }: World, file: string): Promise<Audit> {
  return auditExport(createReadStream(file), await verifier()).catch(cause => {
    throw new AmpError('bad-input', `${plainText(file)} can't be read: ${String(cause)}`, undefined, cause)
  })
}

async function exported(world: World, file: string, id: string): Promise<StoredSpace> {
  const audit = await auditFile(world, file)
  const [finding] = audit.findings
  if (audit.ledger === undefined || finding !== undefined)
    throw new AmpError('bad-input', `${plainText(file)} is not a sound export: ${finding?.where}: ${finding?.why}.`)
  if (!audit.space.startsWith(id))
    throw new AmpError('no-such-space', `${plainText(file)} holds ${audit.space}, whose id does not begin with ${id}.`)
  return {
    id: audit.space,
    genesis: audit.ledger.genesis,
    records: recordsOf(audit.ledger, await world.verifier()),
    audit,
  }
}

async function readSpace({ verifier }: World, archive: Archive, { id }: { id: SpaceId }): Promise<StoredSpace> {
  const verify = await verifier()
  const stored = await archive.read(id)
  const audit = auditStored(id, stored, { self: archive.identity, verify })
  if (audit.ledger === undefined)
    throw new AmpError('damaged-store', `${archive.path}: the genesis of ${id} is damaged; get the space from another.`)
  return {
    id,
    genesis: audit.ledger.genesis,
    records: recordsOf(audit.ledger, verify),
    audit,
    kept: { bytes: stored, archive },
  }
}

/** One after the other, askers' first. A folder that is just being opened or left by its peer is passed over. */
async function* archives(world: World, { mesh, dataDir, folder, running }: Whereabouts): AsyncGenerator<Archive> {
  const places = await world.archivePlaces({
    ...(mesh !== undefined && { mesh }),
    ...(dataDir !== undefined && { root: dataDir }),
    ...(folder !== undefined && { name: folder }),
  })
  const isAskers = ({ name }: ArchivePlace) => ASKERS.test(name)
  for (const place of [...places.filter(isAskers), ...places.filter(each => !isAskers(each))]) {
    const archive = await opened(world, place, folder !== undefined)
    if (archive === undefined) continue
    try {
      if (!running || archive.isRunning) yield archive
    } finally {
      await archive.close()
    }
  }
}

async function opened({ openArchive, terminal }: World, place: ArchivePlace, isOnly: boolean) {
  try {
    return await openArchive(place)
  } catch (error) {
    if (isOnly || !(error instanceof AmpError)) throw error
    terminal.remark(`${place.path} is left out: ${error.message}`)
    return undefined
  }
}
