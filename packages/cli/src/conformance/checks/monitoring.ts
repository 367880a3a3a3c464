/** What a peer tells those who watch over it: GW-20. */
import type { Check } from '../check.ts'
import { holds, same } from '../unmet.ts'

export const MONITORING: readonly Check[] = [
  {
    requirement: 'GW-20',
    title: '/healthz answers anybody',
    async run(visit) {
      const { status, text } = await visit.get('/healthz')
      same('the status', 200, status)
      same('the body', '{"status":"ok"}', text.replaceAll(/\s/g, ''))
    },
  },
  {
    requirement: 'GW-20',
    title: '/metrics answers who shows the token',
    async run(visit) {
      const { status, text } = await visit.get('/metrics', visit.authorization)
      same('the status', 200, status)
      const wrong = text.split('\n').filter(line => !FIGURE.test(line))
      holds('lines as Prometheus reads them', text !== '' && wrong.length === 0, wrong[0] ?? 'nothing')
      same('the status without the token', 401, (await visit.get('/metrics')).status)
      const inAddress = await visit.get(`/metrics?token=${visit.target.token}`)
      same('the status with the token in the address', 401, inAddress.status)
    },
  },
]

/** A comment, nothing, or a name with labels and a number, as Go parses one. */
const FIGURE = /^(#.*|)$|^[a-z_:][\w:]*(\{.*\})? ([-+]?[\d.]+(e[-+]?\d+)?|nan|[-+]?inf)( \d+)?$/i
