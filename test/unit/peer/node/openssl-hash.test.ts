/** One digest, whoever makes it: ids and chains must not depend on the machine. */
import { opensslHash } from '@amp-mesh/peer/node'
import { portableHash, sha256 } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'

it('opensslHash gives the digests of sha256, on views as well', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, skip) => {
      const view = bytes.subarray(Math.min(skip, bytes.length))
      const [ours, portable] = [new Uint8Array(40), new Uint8Array(40)]
      opensslHash(view, ours, 5)
      portableHash(view, portable, 5)
      expect(ours).toEqual(portable)
      expect(ours.subarray(5, 37)).toEqual(sha256(view))
    }),
  )
})
