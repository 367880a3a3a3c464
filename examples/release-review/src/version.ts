/** Versions as tags, changelogs and manifests write them. */

/** Digits of a version, and what follows a dash: `1.2.3`, `2.0`, `1.0.0-rc.1`, `8.1.0rc1`. */
const VERSION = String.raw`\d+(?:\.\d+){1,3}(?:[-.]?(?:alpha|beta|rc|a|b|dev|post|pre|next)[\w.]*)?`

const TAG = new RegExp(`^v?(${VERSION})$`)
const HEADING = new RegExp(`(?:^|[\\s[(v])(${VERSION})(?![\\w.])`)

export const versionOfTag = (tag: string): string | undefined => TAG.exec(tag)?.[1]

/** The version a changelog's heading announces. */
export const versionInHeading = (heading: string): string | undefined => HEADING.exec(heading)?.[1]

/** Negative when `a` comes before `b`; a pre-release comes before its release. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [parts(a), parts(b)]
  for (let i = 0; i < Math.max(x.numbers.length, y.numbers.length); i++) {
    const difference = (x.numbers[i] ?? 0) - (y.numbers[i] ?? 0)
    if (difference !== 0) return difference
  }
  if (x.rest === y.rest) return 0
  if (x.rest === '' || y.rest === '') return x.rest === '' ? 1 : -1
  return x.rest < y.rest ? -1 : 1
}

function parts(version: string): { numbers: number[]; rest: string } {
  const [numbers = ''] = /^[\d.]*\d/.exec(version) ?? []
  return { numbers: numbers.split('.').map(Number), rest: version.slice(numbers.length) }
}
