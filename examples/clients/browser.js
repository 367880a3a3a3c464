// Asks the mesh from a page. Each message that comes of it is given to `tell`; resolves with the last one.
export function ask(url, token, query, tell) {
  const socket = new WebSocket(url, ['amp.v1.json', `amp.token.${token}`])
  return new Promise((resolve, reject) => {
    socket.onopen = () => socket.send(JSON.stringify({ type: 'broadcast', query, from: 'page' }))
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data)
      tell(message)
      if (message.type !== 'done' && message.type !== 'error') return
      socket.close()
      resolve(message)
    }
    socket.onclose = ({ code, reason }) => reject(new Error(`the gateway hung up: ${code} ${reason}`))
  })
}
