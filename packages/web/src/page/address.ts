/** What the address of the page says after `#`: it stays in the browser, no server or proxy sees it. */
export interface Address {
  /** Lets the page read what the serving peer keeps. */
  readonly token?: string
  /** A folder to fill into the form. */
  readonly folder?: string
}

export function addressIn(fragment: string): Address {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''))
  const [token, folder] = [fields.get('token'), fields.get('folder')]
  return { ...(token !== null && { token }), ...(folder !== null && { folder }) }
}
