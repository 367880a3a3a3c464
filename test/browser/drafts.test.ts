/** One draft in real editors: CodeMirror in two tabs through a room, in a tab that is a peer, and an agent. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createPeer } from '@amp-mesh/peer/node'
import { publicKeyOf } from '@amp-mesh/protocol'
import type { Browser, Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../until.ts'
import { bundledPage } from './bundle.ts'
import { chromiumPath, launchChromium, withChromium } from './chromium.ts'
import type { DraftPage } from './draft-page/main.ts'

/** A tab with the page of `draft-page`, of a person of its own. */
async function openTab(browser: Browser, url: string) {
  const page = await (await browser.newContext()).newPage()
  const troubles: string[] = []
  page.on('pageerror', error => troubles.push(String(error)))
  const load = async (navigate: () => Promise<unknown>) => {
    await navigate()
    await page.waitForFunction(() => 'drafts' in window)
  }
  await load(() => page.goto(url))
  return { page, troubles, reload: () => load(() => page.reload()) }
}

const ask = <C extends keyof DraftPage>(page: Page, call: C, ...args: Parameters<DraftPage[C]>) =>
  page.evaluate(
    ([name, given]) => {
      const { drafts } = window as Window & { drafts?: Record<string, (...args: unknown[]) => unknown> }
      return drafts?.[name]?.(...given)
    },
    [call, args] as [string, unknown[]],
  ) as Promise<Awaited<ReturnType<DraftPage[C]>>>

/** Types at the end, as a person does. */
async function type(page: Page, words: string): Promise<void> {
  await page.click('.cm-content')
  await page.keyboard.press('Control+End')
  await page.keyboard.type(words)
}

describe.skipIf(chromiumPath === undefined)(`a draft in real editors${withChromium}`, () => {
  it('[G2.editors] is one text for two tabs in a room, a tab that is a peer, and an agent', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'amp-editors-'))
    const page = await bundledPage(resolve(import.meta.dirname, 'draft-page'))
    const node = await createPeer({ name: 'serving', mesh: 'editors', dataDir, page })
    const browser = await launchChromium()
    onTestFinished(async () => {
      await browser.close()
      await node.stop()
      await rm(dataDir, { recursive: true, force: true })
    })
    const url = `http://127.0.0.1:${/\/tcp\/(\d+)/.exec(node.addresses()[0] ?? '')?.[1]}/`
    const [ann, ben, carl] = await Promise.all([0, 1, 2].map(() => openTab(browser, url)))
    if (ann === undefined || ben === undefined || carl === undefined) throw new Error('no tabs')
    const peerId = await ask(carl.page, 'start')
    await until('the tab is a peer', () => node.peers().some(({ id, state }) => id === peerId && state === 'reachable'))
    const space = await node.createSpace({ name: 'report', members: [peerId] })
    await space.replica.append([{ k: 'broadcast', query: 'Who writes the report?' }])
    const shelf = await node.drafts()
    const { id } = await shelf.begin(space, 'report', [publicKeyOf(peerId)])
    await until('the tab knows the draft', () => ask(carl.page, 'knows', space.id, id))

    const agent = await shelf.open(space, id).document()
    const room = [node.roomsUrl(space.id), `draft/${id}`, node.token] as const
    await Promise.all([ask(ann.page, 'attach', ...room), ask(ben.page, 'attach', ...room)])
    await ask(carl.page, 'open', space.id, id)

    agent.getText('content').insert(0, 'Agent. ')
    const tabs = [ann, ben, carl]
    const all = async (text: string) => {
      const shown = await Promise.all(tabs.map(tab => ask(tab.page, 'text')))
      return [agent.getText('content').toString(), ...shown].every(each => each === text)
    }
    await until('all read it', () => all('Agent. '))
    await type(ann.page, 'Ann. ')
    await until('all read it', () => all('Agent. Ann. '))
    await type(carl.page, 'Carl. ')
    await until('all read it', () => all('Agent. Ann. Carl. '))
    await Promise.all([type(ben.page, 'Ben and '), type(carl.page, 'Carl at once. ')])
    agent.getText('content').delete(0, 7)
    await until('all read the same', async () => {
      const text = agent.getText('content').toString()
      return text.length === 'Ann. Carl. Ben and Carl at once. '.length && (await all(text))
    })

    const text = agent.getText('content').toString()
    const authors = new Set(space.replica.records.of('edit').map(({ by }) => by))
    expect(authors).toEqual(new Set([node.identity.publicKey, publicKeyOf(peerId)]))
    await ask(carl.page, 'flush')
    await carl.reload()
    await ask(carl.page, 'start')
    expect(await ask(carl.page, 'knows', space.id, id)).toBe(true)
    await ask(carl.page, 'open', space.id, id)
    expect(await ask(carl.page, 'text')).toBe(text)
    await type(carl.page, 'After a reload.')
    await until('all read it', () => all(`${text}After a reload.`))
    expect(tabs.flatMap(({ troubles }) => troubles)).toEqual([])
  })
})
