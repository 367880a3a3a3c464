/** A member of a story in a process of its own, as the story leads it by IPC: orders go out, reports come in. */
import { until } from '../until.ts'
import type { Member } from './network-namespaces.ts'

export class Person<Order extends object, Report extends { event: string }> {
  readonly member: Member
  readonly #latest = new Map<string, Report>()

  constructor(member: Member) {
    this.member = member
    member.process.on('message', (report: Report) => this.#latest.set(report.event, report))
  }

  tell(order: Order): void {
    this.member.process.send(order)
  }

  last<E extends Report['event']>(event: E): Extract<Report, { event: E }> | undefined {
    return this.#latest.get(event) as Extract<Report, { event: E }> | undefined
  }

  /** The next report of its kind. */
  async hears<E extends Report['event']>(event: E): Promise<Extract<Report, { event: E }>> {
    this.#latest.delete(event)
    const heard = () => this.#latest.has(event) || this.member.process.exitCode !== null
    await until(`a member reports ${event}`, heard, 60_000)
    if (this.member.process.exitCode !== null) throw new Error(`a member ended before it reported ${event}`)
    return this.last(event) as Extract<Report, { event: E }>
  }
}
