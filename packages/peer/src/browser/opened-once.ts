/** Something that is opened when it is first asked for. */

/** The same promise each time; after a failure a new try. */
export function openedOnce<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | undefined
  return () => {
    if (opening !== undefined) return opening
    const tried = open()
    opening = tried
    tried.catch(() => {
      opening = undefined
    })
    return tried
  }
}
