/** Connections: how neighbours come and go. */
import { describe, expect, it } from 'vitest'
import { eventually } from '../../until.ts'
import type { NetworkField } from './field.ts'

export function connections({ start, addressOf, pair }: NetworkField): void {
  describe('connections', () => {
    it('tells both sides, and knows each peer once', async () => {
      const [a, b] = [await start(), await start()]
      const events: string[] = []
      a.on('connect', peer => events.push(`a sees ${peer}`))
      b.on('connect', peer => events.push(`b sees ${peer}`))
      expect(await a.connect(addressOf(b))).toBe(b.self)
      expect(await a.connect(addressOf(b))).toBe(b.self)
      await eventually(() => events.length === 2 && b.peers().length === 1)
      expect(events.sort()).toEqual([`a sees ${b.self}`, `b sees ${a.self}`])
      expect(a.peers()).toEqual([b.self])
    })

    it('stays one neighbour when both dial at once', async () => {
      const [a, b] = [await start(), await start()]
      await Promise.all([a.connect(addressOf(b)), b.connect(addressOf(a))])
      expect(a.peers()).toEqual([b.self])
      expect(b.peers()).toEqual([a.self])
      const gone: string[] = []
      b.on('disconnect', peer => gone.push(peer))
      // one of the two connections may still be on its way at the first try
      await eventually(async () => {
        await a.disconnect(b.self)
        return gone.length > 0
      })
      expect(gone).toEqual([a.self])
      expect(b.peers()).toEqual([])
    })

    it('tells when the other one stops', async () => {
      const { a, b } = await pair()
      const gone: string[] = []
      a.on('disconnect', peer => gone.push(peer))
      await b.stop()
      await eventually(() => gone.length > 0)
      expect(gone).toEqual([b.self])
      expect(a.peers()).toEqual([])
    })

    it('does not tell a listener that has left', async () => {
      const a = await start()
      const b = await start()
      const heard: string[] = []
      a.on('connect', peer => heard.push(peer))()
      a.on('connect', peer => heard.push(`kept ${peer}`))
      await a.connect(addressOf(b))
      await eventually(() => heard.length > 0)
      expect(heard).toEqual([`kept ${b.self}`])
    })

    it('says what is wrong with an address', async () => {
      const a = await start()
      const b = await start()
      const address = addressOf(b)
      await b.stop()
      await expect(a.connect('nonsense')).rejects.toMatchObject({ code: 'unknown-address' })
      await expect(a.connect(addressOf(a))).rejects.toMatchObject({ code: 'unknown-address' })
      await expect(a.connect(address)).rejects.toMatchObject({ code: 'unreachable' })
    })

    it('gives up when the signal has aborted', async () => {
      const [a, b] = [await start(), await start()]
      await expect(a.connect(addressOf(b), AbortSignal.abort())).rejects.toBeInstanceOf(Error)
    })
  })
}
