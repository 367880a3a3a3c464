import { LexicalEmbedder } from '@amp-mesh/discovery'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../packages/cli/src/program.ts'
import { fakeWorld, SOMEWHERE } from './fake-world.ts'

describe('--embedder', () => {
  it('gives every peer of a command line the embedder it names', async () => {
    const opened: string[] = []
    const embedder = new LexicalEmbedder()
    const parts = {
      openEmbedder: async (name: string) => {
        opened.push(name)
        return embedder
      },
      loadAgents: async () => [],
    }
    for (const command of ['find', 'ask', 'peers']) {
      const world = fakeWorld({ parts })
      const words = command === 'peers' ? [] : ['translate a contract']
      await runProgram([command, ...words, '--join', SOMEWHERE, '--embedder', 'openai:small'], world)
      expect(world.created.map(init => init.embedder)).toEqual([embedder])
      const plain = fakeWorld({ parts })
      await runProgram([command, ...words, '--join', SOMEWHERE], plain)
      expect(plain.created.map(init => init.embedder)).toEqual([undefined])
    }
    expect(opened).toEqual(Array(3).fill('openai:small'))
  })

  it('tells what takes the place of a model that is out of reach', async () => {
    const world = fakeWorld({
      parts: {
        openEmbedder: async (_name, { onFallback }) => {
          onFallback?.('the hub can’t be reached')
          return new LexicalEmbedder()
        },
      },
    })
    await runProgram(['peers', '--join', SOMEWHERE, '--embedder', 'transformers:x'], world)
    expect(world.err()).toContain('the hub can’t be reached\n  Words alone are used')
    expect(world.created).toHaveLength(1)
  })
})
