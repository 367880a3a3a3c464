/** The index of this peer's directory: what `find` searches. */
import { CardIndex, type Directory } from '@amp-mesh/discovery'
import { type Clock, type Embedder, type Logger, sleep } from '@amp-mesh/protocol'

/** Follows the directory for as long as both live. */
export function directoryIndex(directory: Directory, embedder: Embedder, clock: Clock, logger: Logger): CardIndex {
  const index = new CardIndex({
    embedder,
    pause: () => sleep(clock, 0),
    onTrouble: error => logger.warn('the embedder fails: words alone decide', { error: String(error) }),
  })
  index.follow(directory)
  return index
}
