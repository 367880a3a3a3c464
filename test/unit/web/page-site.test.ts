/** The page over HTTP: what a browser is told, what it gets, and what stays private. */
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pageSite } from '@amp-mesh/web'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pageFiles } from '../../../packages/web/src/server/page-files.ts'

/** All that the page is, gzipped, bytes: issue 4 asks for 350 kB. */
const MOST_BYTES = 350_000

describe('the page of a peer', () => {
  const site = pageSite({ names: ['mesh.example'] })
  const address = '/ip4/127.0.0.1/tcp/4001/ws/p2p/12D3KooW'
  let server: Server
  let origin = ''

  beforeAll(async () => {
    site.show({ spaces: () => [], clock: { now: () => 0, after: () => () => {} } })
    server = createServer(site.handler)
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', () => listening()))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })

  it('comes with a policy that lets nothing but its own files run', async () => {
    const { status, headers } = await fetch(origin)
    expect(status).toBe(200)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/default-src 'none'; script-src 'self'; style-src 'self'/)
    expect(policy).not.toMatch(/unsafe|\*|data:|blob:/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-cache')
  })

  it('holds nothing inline, and all it names is there', async () => {
    const html = await (await fetch(origin)).text()
    expect(html).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|\sstyle=/)
    const names = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(2)
    for (const name of names) {
      const { status, headers } = await fetch(`${origin}/${name}`)
      expect({ status, isImmutable: headers.get('cache-control')?.includes('immutable') }).toEqual({
        status: 200,
        isImmutable: true,
      })
    }
  })

  it('[P5.size] is small', async () => {
    const files = [...(await pageFiles()).values()]
    expect(files.reduce((sum, { gzipped }) => sum + gzipped.length, 0)).toBeLessThan(MOST_BYTES)
  })

  it.each(['/etc/passwd', '/../package.json', '/%2e%2e/package.json', '/assets', '/index.html/', '/private'])(
    'has nothing at %s',
    async path => {
      expect(await statusOf(path)).toBe(404)
    },
  )

  it('is served under its own names only', async () => {
    expect(await statusOf('/', { host: 'evil.example' })).toBe(421)
    expect(await statusOf('/', { host: 'mesh.example' })).toBe(200)
  })

  it('[G4.private] tells its owner alone where the token goes, and takes it only from its own page', async () => {
    const url = new URL(site.url([address], { folder: '/a b' }) ?? '')
    const fields = new URLSearchParams(url.hash.slice(1))
    expect(url.origin).toBe('http://127.0.0.1:4001')
    expect(fields.get('folder')).toBe('/a b')
    const authorization = `Bearer ${fields.get('token')}`
    expect(await statusOf('/private/spaces', { authorization })).toBe(200)
    expect(await statusOf('/private/spaces/none', { authorization })).toBe(404)
    expect(await statusOf('/private/spaces')).toBe(401)
    expect(await statusOf('/private/spaces', { authorization, origin: 'http://evil.example' })).toBe(403)
    expect(await statusOf('/private/spaces', { authorization, host: 'evil.example' })).toBe(421)
  })

  /** As it is written: fetch would tidy the path up and set Host itself. */
  const statusOf = (path: string, headers: Record<string, string> = {}) =>
    new Promise<number | undefined>((resolve, reject) => {
      const { port } = server.address() as AddressInfo
      request({ host: '127.0.0.1', port, path, headers }, response => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
})
