/** A page that asks the mesh: it is a peer itself. `?join=ws://host:port` names a peer to meet, else its own server. */
import { createPeer } from 'amp-mesh/browser'

const form = document.querySelector('form') as HTMLFormElement
const output = document.querySelector('pre') as HTMLPreElement
const join = new URLSearchParams(location.search).getAll('join')
const peer = await createPeer(join.length > 0 ? { join } : {})

form.onsubmit = async event => {
  event.preventDefault()
  for await (const { type, agent = 'the mesh' } of peer.ask(String(new FormData(form).get('query'))))
    output.append(`${agent}: ${type}\n`)
  const space = peer.spaces().at(-1)
  output.append(space?.replica.records.of('synthesis').at(-1)?.op.content ?? 'nobody could help')
}
