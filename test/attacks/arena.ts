/** Where attacks take place: two real peers of one mesh, and an intruder that is a member of it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeMeshFile, type Identity, identityFromSeed, type MeshId, meshIdOf } from '@amp-mesh/protocol'
import { DraftField } from './draft-field.ts'
import { Field, type FieldInit } from './field.ts'
import { Intruder } from './intruder.ts'
import { Victim } from './victim.ts'

export class Arena {
  readonly guarded: boolean
  readonly mesh: MeshId
  readonly anna: Victim
  readonly bert: Victim
  readonly mallory: Intruder
  /** An honest verifier; the harness writes her records and brings them. */
  readonly carol: Intruder
  readonly #folder: string
  #draft: Promise<DraftField> | undefined

  static async open(guarded: boolean): Promise<Arena> {
    const folder = await mkdtemp(join(tmpdir(), 'amp-attacks-'))
    const anna = await Victim.start({ name: 'anna', dataDir: join(folder, 'anna'), join: [] }, guarded)
    const bert = await Victim.start({ name: 'bert', dataDir: join(folder, 'bert'), join: anna.addresses }, guarded)
    const mesh = meshIdOf(encodeMeshFile(await anna.mesh()))
    const [mallory, carol] = await Promise.all([
      Intruder.start('mallory', mesh, [anna, bert], true),
      Intruder.start('carol', mesh, [anna, bert]),
    ])
    return new Arena(guarded, mesh, [anna, bert], { mallory, carol }, folder)
  }

  private constructor(
    guarded: boolean,
    mesh: MeshId,
    victims: readonly [Victim, Victim],
    others: { mallory: Intruder; carol: Intruder },
    folder: string,
  ) {
    this.guarded = guarded
    this.mesh = mesh
    this.anna = victims[0]
    this.bert = victims[1]
    this.mallory = others.mallory
    this.carol = others.carol
    this.#folder = folder
  }

  get victims(): readonly [Victim, Victim] {
    return [this.anna, this.bert]
  }

  /** A new space that both victims are in, with carol's question and fact. */
  field(init: FieldInit = {}): Promise<Field> {
    return Field.open(this, init)
  }

  /** A draft that many attacks share: opening one costs a worker at each victim. */
  draft(): Promise<DraftField> {
    this.#draft ??= DraftField.open(this)
    return this.#draft
  }

  /** Both victims run and answer. */
  async isSound(): Promise<boolean> {
    const answers = await Promise.allSettled(this.victims.map(victim => victim.cost()))
    return this.victims.every(victim => victim.isRunning) && answers.every(({ status }) => status === 'fulfilled')
  }

  async close(): Promise<void> {
    await this.#draft?.then(draft => draft.close()).catch(() => {})
    await Promise.all([this.mallory.stop(), this.carol.stop()])
    await Promise.all(this.victims.map(victim => victim.stop()))
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** The key of somebody with this name. */
export function keyOf(name: string): Identity {
  const seed = new Uint8Array(32)
  seed.set(new TextEncoder().encode(name).subarray(0, 32))
  return identityFromSeed(seed)
}
