/** What every implementation of the `Network` port does; run on the real one and on the one in memory. */
import { describe } from 'vitest'
import { connections } from './network/connections.ts'
import { type NetworkFixture, networkField } from './network/field.ts'
import { gossip } from './network/gossip.ts'
import { routing } from './network/routing.ts'
import { streams } from './network/streams.ts'

export function networkCompliance(name: string, fixture: NetworkFixture): void {
  describe(`network port: ${name}`, () => {
    const field = networkField(fixture)
    connections(field)
    streams(field)
    gossip(field)
    routing(field)
  })
}
