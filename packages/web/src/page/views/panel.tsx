/** A part of the page beside the question: open where there is room, folded where there is none. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'

export interface PanelProps {
  title: string
  /** How many are in it. */
  count: number
  children: ComponentChildren
}

const ROOMY = '(min-width: 56rem)'

export function Panel({ title, count, children }: PanelProps) {
  const [isOpen, open] = useState(() => matchMedia(ROOMY).matches)
  useEffect(() => {
    const media = matchMedia(ROOMY)
    const follow = () => open(media.matches)
    media.addEventListener('change', follow)
    return () => media.removeEventListener('change', follow)
  }, [])
  return (
    <details class="panel" open={isOpen} onToggle={event => open(event.currentTarget.open)}>
      <summary>
        <h2>{title}</h2> <span class="count">{count}</span>
      </summary>
      {children}
    </details>
  )
}
