/** What stands around a client's request while it is being done. */

export interface Call {
  readonly re: string
  readonly from: string | undefined
  /** What comes next may be read: this one no longer changes what the session's names and space are. */
  begun(): void
}
