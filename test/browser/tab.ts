/** A tab of a test's browser that is a peer: what `test/browser/page` lets one do, from the outside. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { TestPage } from './page/main.ts'

type Call = keyof TestPage
type Start = NonNullable<Parameters<TestPage['start']>[0]>
type Result<C extends Call> = Awaited<ReturnType<TestPage[C]>>

export class Tab {
  /** Playwright's page; what goes wrong in it fails the test that looks at `troubles`. */
  readonly page: Page
  readonly troubles: string[] = []
  peerId = ''

  /** A person of its own: storage, locks and key are no other tab's. */
  static async open(browser: Browser, url: string, init: Start = {}): Promise<Tab> {
    const context = await browser.newContext()
    await context.addInitScript(watchConnections)
    return Tab.#in(context, url, init)
  }

  /** One more tab of the same person. */
  further(): Promise<Tab> {
    return Tab.#in(this.page.context(), this.page.url())
  }

  static async #in(context: BrowserContext, url: string, init?: Start): Promise<Tab> {
    const tab = new Tab(await context.newPage())
    await tab.#load(() => tab.page.goto(url), init)
    return tab
  }

  private constructor(page: Page) {
    this.page = page
    page.on('pageerror', error => this.troubles.push(String(error)))
  }

  /** Does something in the tab, as its page offers it. */
  do<C extends Call>(call: C, ...args: Parameters<TestPage[C]>): Promise<Result<C>> {
    return this.page.evaluate(
      ([name, given]) => {
        const { amp } = window as Window & { amp?: Record<string, (...args: unknown[]) => unknown> }
        return amp?.[name]?.(...given)
      },
      [call, args] as [string, unknown[]],
    ) as Promise<Result<C>>
  }

  reload(): Promise<void> {
    return this.#load(() => this.page.reload())
  }

  /** Bytes that went through all WebRTC connections of this tab, both ways: of the pairs ICE has selected. */
  async webRtcBytes(): Promise<number> {
    return this.page.evaluate(async () => {
      const { connections = [] } = window as Window & { connections?: RTCPeerConnection[] }
      let bytes = 0
      for (const connection of connections) {
        const stats: Record<string, number & string>[] = [...(await connection.getStats()).values()]
        const selected = stats.find(({ type }) => type === 'transport')?.selectedCandidatePairId
        const pair = stats.find(({ id }) => id !== undefined && id === selected)
        bytes += (pair?.bytesSent ?? 0) + (pair?.bytesReceived ?? 0)
      }
      return bytes
    })
  }

  async #load(navigate: () => Promise<unknown>, init: Start = {}): Promise<void> {
    await navigate()
    await this.page.waitForFunction(() => 'amp' in window)
    this.peerId = await this.do('start', init)
  }
}

/** Runs in the page before anything else: keeps every RTCPeerConnection at hand. */
function watchConnections(): void {
  const connections: RTCPeerConnection[] = []
  const Original = window.RTCPeerConnection
  window.RTCPeerConnection = new Proxy(Original, {
    construct(target, args: [RTCConfiguration?]) {
      const connection = new target(...args)
      connections.push(connection)
      return connection
    },
  })
  Object.assign(window, { connections })
}
