/** What the address of the page says after `#`: it stays in the browser, no server or proxy sees it. */
export interface Address {
  /** Lets the page read what the serving peer keeps. */
  readonly token?: string
  /** A folder to fill into the form. */
  readonly folder?: string
  /** Makes this browser a member of the peer's closed mesh. */
  readonly invitation?: string
}

export function addressIn(fragment: string): Address {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''))
  const [token, folder, invitation] = [fields.get('token'), fields.get('folder'), fields.get('invitation')]
  return {
    ...(token !== null && { token }),
    ...(folder !== null && { folder }),
    ...(invitation !== null && { invitation }),
  }
}
