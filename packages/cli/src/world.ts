/** All a command needs, handed in: the terminal, the environment, when to stop, and how to get peers and agents. */
import type { Host } from '@amp-mesh/agents'
import type { OpenEmbedderOptions } from '@amp-mesh/agents/node'
import type { Peer } from '@amp-mesh/peer'
import type {
  Archive,
  ArchivePlace,
  Invited,
  InviteInit,
  LocalPeer,
  MeshPlace,
  NodePeer,
  PeerInit,
  Revoked,
  Rotated,
} from '@amp-mesh/peer/node'
import type { Agent, Embedder, Model, Verify } from '@amp-mesh/protocol'
import type { PageSite, PageSiteInit } from '@amp-mesh/web'
import type { Log, Sink, Terminal } from './terminal.ts'

/** What the command shares with its caller's process. */
export interface Surroundings extends Parts {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts on Ctrl-C, SIGTERM, and when the process that started this one is gone. */
  readonly signal: AbortSignal
  /** A line a person types; undefined when there is none to come. */
  prompt(text: string): Promise<string | undefined>
}

/** A peer of a command; where it has a gateway, its address and the file with the token. */
export type RunningPeer = Peer & Partial<Pick<NodePeer, 'gatewayUrl' | 'tokenFile'>>

/** The heavy parts, loaded when first used: `--help` needs none of them. */
export interface Parts {
  createPeer(init: PeerInit, log?: Log): Promise<RunningPeer>
  /** Peers running on this machine with this data folder (default: the platform's), the latest started first. */
  localPeers(dataDir?: string): Promise<LocalPeer[]>
  /** Where peers keep keys and spaces on this platform: `<mesh>/<name>` below it. */
  dataRoot(): Promise<string>
  /** Folders in which peers of this machine have stored something, and what is in one. */
  archivePlaces(where: { root?: string; mesh?: string; name?: string }): Promise<ArchivePlace[]>
  openArchive(place: ArchivePlace): Promise<Archive>
  /** Makes an invitation into a closed mesh, with the keys of this user. Throws AmpError `not-allowed`. */
  invite(init: InviteInit): Promise<Invited>
  /** Takes a peer's membership or an invitation back, in the folder of the mesh. Throws AmpError `not-allowed`. */
  revoke(what: string, place: MeshPlace): Promise<Revoked>
  /** Gives a closed mesh a new key, where it was founded. Throws AmpError `not-allowed` or `too-large`. */
  rotate(place: MeshPlace): Promise<Rotated>
  /** The check of signatures. */
  verifier(): Promise<Verify>
  /** The agents of a .ts, .js or .md file; `model`: what their peer thinks with. Throws AmpError `bad-agent-file`. */
  loadAgents(file: string, model: Model | undefined): Promise<Agent[]>
  /** The page of a peer, to be given to `createPeer`. */
  pageSite(init?: PageSiteInit): Promise<PageSite>
  /** Puts agents on a peer. */
  hostAgents(peer: Peer, agents: readonly Agent[]): Promise<Pick<Host, 'close'>>
  /** The model the environment names, if any. Throws AmpError `bad-input`. */
  modelFromEnvironment(): Promise<Model | undefined>
  /** The embedder of that name, or the built-in one where it can't be had. Throws AmpError `bad-input`. */
  openEmbedder(name: string, options: OpenEmbedderOptions): Promise<Embedder>
}

export interface World extends Surroundings {
  readonly terminal: Terminal
}
