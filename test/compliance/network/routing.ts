/** Routing: who is close to a key. */
import { type PeerId, peerIdBytes, sha256, utf8 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../until.ts'
import type { NetworkField } from './field.ts'

export function routing({ start, addressOf, pair }: NetworkField): void {
  describe('routing', () => {
    const key = sha256(utf8('travel'))

    it('tells whom it knows, and asks others whom they know, never naming ourselves', async () => {
      const [a, b, c] = [await start(), await start(), await start()]
      await a.connect(addressOf(b))
      await c.connect(addressOf(b))
      await eventually(async () => (await a.nearer(b.self, key)).includes(c.self))
      expect(await a.nearer(b.self, key)).not.toContain(a.self)
      expect(a.near(key, 20)).toContain(b.self)
      expect(a.near(key, 20)).not.toContain(a.self)
      expect(a.near(key, 0)).toEqual([])
    })

    it('names the closest first', async () => {
      const a = await start()
      for (let n = 0; n < 4; n++) await a.connect(addressOf(await start()))
      await eventually(() => a.near(key, 20).length === 4)
      const distances = a.near(key, 20).map(peer => distanceOf(key, peer))
      expect(distances).toEqual([...distances].sort())
      expect(a.near(key, 2)).toEqual(a.near(key, 20).slice(0, 2))
    })

    it('rejects when the peer is gone, or the signal has aborted', async () => {
      const { a, b } = await pair()
      await expect(a.nearer(b.self, key, AbortSignal.abort())).rejects.toBeInstanceOf(Error)
      await b.stop()
      await expect(a.nearer(b.self, key)).rejects.toBeInstanceOf(Error)
    })
  })
}

/** As kad-dht has it, in hex. */
function distanceOf(key: Uint8Array, peer: PeerId): string {
  const [there, here] = [sha256(peerIdBytes(peer)), sha256(key)]
  return here.reduce((hex, byte, i) => hex + (byte ^ (there[i] ?? 0)).toString(16).padStart(2, '0'), '')
}
