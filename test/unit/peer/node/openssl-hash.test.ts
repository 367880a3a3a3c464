/** One digest, whoever makes it: ids and chains must not depend on the machine. */
import { opensslHash } from '@amp-mesh/peer/node'
import { sha256 } from '@amp-mesh/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'

it('opensslHash gives the digests of sha256, on views as well', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, skip) => {
      const view = bytes.subarray(Math.min(skip, bytes.length))
      expect(opensslHash(view)).toEqual(sha256(view))
    }),
  )
})
