/** Who may have the page, and who what is private. */
import { describe, expect, it } from 'vitest'
import { refusalOfPage, refusalOfPrivate } from '../../../packages/web/src/server/visit.ts'

const isToken = (given: string) => given === 'secret'
const own = { host: '127.0.0.1:4001', origin: 'http://127.0.0.1:4001', site: 'same-origin' }
const privately = (more: object) =>
  refusalOfPrivate({ ...own, authorization: 'Bearer secret', ...more }, [], isToken)?.status

describe('a visit', () => {
  it.each(['127.0.0.1:4001', 'localhost:1', '[::1]:4001', '192.168.1.7', 'demo.localhost'])('may name us %s', host => {
    expect(refusalOfPage({ host }, [])).toBeUndefined()
  })

  it.each(['evil.example', 'evil.example:4001', '127.0.0.1.evil.example', 'localhost.evil.example', '', 'a b', '@'])(
    'may not name us %j',
    host => {
      expect(refusalOfPage({ host }, [])?.status).toBe(421)
    },
  )

  it('may name us as our owner said', () => {
    expect(refusalOfPage({ host: 'mesh.example' }, ['mesh.example'])).toBeUndefined()
    expect(refusalOfPage({}, ['mesh.example'])?.status).toBe(421)
  })

  it('[G4.private] sees what is private from this very page with the token, and not otherwise', () => {
    expect(privately({})).toBeUndefined()
    expect(privately({ origin: undefined, site: undefined })).toBeUndefined()
    expect(privately({ authorization: 'Bearer guess' })).toBe(401)
    expect(privately({ authorization: undefined })).toBe(401)
    expect(privately({ origin: 'http://evil.example' })).toBe(403)
    expect(privately({ origin: 'http://127.0.0.1:4002' })).toBe(403)
    expect(privately({ origin: 'null' })).toBe(403)
    expect(privately({ site: 'cross-site' })).toBe(403)
    expect(privately({ host: 'evil.example', origin: 'http://evil.example' })).toBe(421)
  })
})
