/** The port `Metrics` as Prometheus reads it. A name always comes with the same labels, and few values of them. */
import type { Metrics } from '@amp-mesh/protocol'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

type Labels = Readonly<Record<string, string>>

/** What the figures of a peer are; a counter's name gets `_total`. */
const HELP: Readonly<Record<string, string>> = {
  amp_messages_sent: 'Messages sent to peers, by type.',
  amp_messages_received: 'Messages received from peers, by type.',
  amp_bytes_sent: 'Bytes of messages sent to peers, by type.',
  amp_bytes_received: 'Bytes of messages received from peers, by type.',
  amp_gateway_sent: 'Messages sent to clients of the gateway, by type.',
  amp_gateway_received: 'Messages received from clients of the gateway, by type.',
  amp_question_seconds: 'From a question asked here to its end, by outcome.',
  amp_first_offer_seconds: 'From a question asked here to its first offer.',
  amp_peers: 'Peers known, by state.',
  amp_spaces: 'Spaces this peer takes part in.',
}
/** Seconds: from an answer out of commons to the longest questions. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** Something that is read when somebody asks. */
export interface Reading {
  readonly labels?: Labels
  readonly value: number
}

export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry()
  readonly #counters = new Map<string, Counter>()
  readonly #histograms = new Map<string, Histogram>()
  #process = false

  count(name: string, by = 1, labels: Labels = {}): void {
    let counter = this.#counters.get(name)
    if (counter === undefined) {
      const labelNames = Object.keys(labels)
      counter = new Counter({ name: `${name}_total`, help: helpOf(name), labelNames, registers: [this.#registry] })
      this.#counters.set(name, counter)
    }
    counter.inc(labels, by)
  }

  observe(name: string, value: number, labels: Labels = {}): void {
    let histogram = this.#histograms.get(name)
    if (histogram === undefined) {
      const labelNames = Object.keys(labels)
      const registers = [this.#registry]
      histogram = new Histogram({ name, help: helpOf(name), labelNames, registers, buckets: BUCKETS })
      this.#histograms.set(name, histogram)
    }
    histogram.observe(labels, value)
  }

  /** `read`: called for each answer. */
  gauge(name: string, labelNames: readonly string[], read: () => readonly Reading[]): void {
    new Gauge({
      name,
      help: helpOf(name),
      labelNames: [...labelNames],
      registers: [this.#registry],
      collect() {
        this.reset()
        for (const { labels = {}, value } of read()) this.set(labels, value)
      },
    })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** All figures. Those of the process are measured from the first call on: nobody pays for them before. */
  text(): Promise<string> {
    if (!this.#process) collectDefaultMetrics({ register: this.#registry })
    this.#process = true
    return this.#registry.metrics()
  }
}

const helpOf = (name: string): string => HELP[name] ?? name.replaceAll('_', ' ')
