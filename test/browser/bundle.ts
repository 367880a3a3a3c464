/** A page bundled by Vite, in memory, and handed out like a peer's own page. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname } from 'node:path'
import { build, type Rollup } from 'vite'

type PageHandler = (request: IncomingMessage, response: ServerResponse) => void

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/** Bundles the folder with its index.html; answers `/` and the assets. */
export async function bundledPage(root: string): Promise<PageHandler> {
  const files = new Map((await bundle(root)).map(({ fileName, content }) => [`/${fileName}`, content]))
  return (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const file = path === '/' ? '/index.html' : path
    const content = files.get(file)
    const type = TYPES[extname(file)] ?? 'application/octet-stream'
    if (content === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': type }).end(content)
  }
}

async function bundle(root: string): Promise<{ fileName: string; content: string | Uint8Array }[]> {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'es2024' },
    worker: { format: 'es' }, // with imports of its own
  })
  const [output] = [built].flat() as Rollup.RollupOutput[]
  return (output?.output ?? []).map(file => ({
    fileName: file.fileName,
    content: file.type === 'chunk' ? file.code : file.source,
  }))
}
