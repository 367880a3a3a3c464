/** Messages of admission to a closed mesh: who I am here, and what was taken back. Part of the vocabulary. */
import * as z from 'zod/mini'
import { certificateChain, signedCertificate, signedList } from './certificate.ts'
import { bytes, list, natural, optional, publicKey } from './field.ts'
import { WIRE_LIMITS } from './limits.ts'

export const ADMISSION_MESSAGES = {
  /**
   * Right after noise, each way, the dialler first: my certificates, and which revocation lists I hold, by signer and
   * version.
   */
  admission: z.object({
    certificates: certificateChain,
    held: list(z.tuple([publicKey, natural]), WIRE_LIMITS.revocationLists),
    /** Dialler: make me, `member`, what this says. `proof`: by the key of the invitation. */
    invitation: optional(z.object({ ...signedCertificate.shape, member: publicKey, proof: bytes(64) })),
    /** Listener: the certificates of the dialler's member key from now on. */
    issued: optional(certificateChain),
    /** Listener: lists the dialler lacks. */
    lists: list(signedList, WIRE_LIMITS.revocationLists),
  }),
  /** Dialler, last: lists the listener lacks. By gossip: a new one. */
  revocations: z.object({ lists: list(signedList, WIRE_LIMITS.revocationLists) }),
} as const
