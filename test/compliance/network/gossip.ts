/** Gossip: what reaches the others, and what does not travel on. */
import { type Network, WIRE_LIMITS } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../until.ts'
import { type NetworkField, pattern } from './field.ts'

export function gossip({ start, addressOf, topic }: NetworkField): void {
  describe('gossip', () => {
    it('reaches the others, not the sender, and only once', async () => {
      const heard: string[] = []
      const listen = (network: Network) =>
        void network.subscribe(topic, (bytes, from) => {
          heard.push(`${network.self} ${from} ${bytes.length}`)
          return 'accept'
        })
      const hub = await start(listen)
      const [b, c] = [await start(listen), await start(listen)]
      await b.connect(addressOf(hub))
      await c.connect(addressOf(hub))
      const from = (sender: Network, length: number) => heard.filter(line => line.endsWith(`${sender.self} ${length}`))
      let length = 0
      await eventually(async () => {
        length += 1
        await b.publish(topic, pattern(length))
        await pause()
        return from(b, length).length === 2
      })
      expect(
        from(b, length)
          .map(line => line.split(' ')[0])
          .sort(),
      ).toEqual([hub.self, c.self].sort())
    })

    it('does not travel on when it was ignored or rejected', async () => {
      for (const verdict of ['ignore', 'reject'] as const) {
        const passed: number[] = []
        const stopped: number[] = []
        const hub = await start(network =>
          network.subscribe(topic, bytes => {
            stopped.push(bytes.length)
            return verdict
          }),
        )
        const far = await start(network =>
          network.subscribe(topic, bytes => {
            passed.push(bytes.length)
            return 'accept'
          }),
        )
        const sender = await start(network => network.subscribe(topic, () => 'accept'))
        await far.connect(addressOf(hub))
        await sender.connect(addressOf(hub))
        for (let length = 1; stopped.length < 2; length++) {
          await sender.publish(topic, pattern(length))
          await pause()
        }
        await hub.publish(topic, pattern(1_000))
        await eventually(() => passed.length > 0)
        expect(passed).toEqual([1_000])
      }
    })

    it('refuses messages above the bound', async () => {
      const a = await start(network => network.subscribe(topic, () => 'accept'))
      await expect(a.publish(topic, new Uint8Array(WIRE_LIMITS.gossip + 1))).rejects.toMatchObject({
        code: 'too-large',
      })
    })
  })
}

const pause = () => new Promise<void>(resolve => setTimeout(resolve, 20))
