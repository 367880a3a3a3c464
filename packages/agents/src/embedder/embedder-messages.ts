/** What the embedder of a peer and the worker that runs its model say to each other. */

export interface ModelPlace {
  /** Its name at the hub, or below `localPath`. */
  readonly model: string
  /** Folder (in a tab: address) below which models lie; nothing is downloaded then. */
  readonly localPath?: string
  /** Folder in which downloads are kept (default: the library's own). */
  readonly cacheDir?: string
  /** In a tab: address below which the WebAssembly of onnxruntime-web lies. */
  readonly wasmPath?: string
  /** Precision of the weights (default q8: a quarter of the download, hardly worse). */
  readonly dtype?: 'fp32' | 'fp16' | 'q8' | 'q4'
}

export type ToWorker =
  | { readonly do: 'load'; readonly place: ModelPlace }
  | { readonly do: 'embed'; readonly texts: readonly string[] }

export type FromWorker =
  /** Bytes of a download, of all files together so far. */
  | { readonly did: 'progress'; readonly loaded: number; readonly total: number }
  | { readonly did: 'load' }
  /** Vectors end to end; `memory`: bytes the worker's process takes, 0 where nobody can tell. */
  | { readonly did: 'embed'; readonly numbers: Float32Array; readonly memory: number }
  | { readonly did: 'fail'; readonly message: string }

/** One worker, as its owner sees it. */
export interface EmbedderWorker {
  post(message: ToWorker): void
  /** Called with each answer, and with a failure when the worker ends by itself. */
  onAnswer(listener: (answer: FromWorker) => void): void
  terminate(): void
}
