/** Colours: the same agent has the same colour in every terminal, and without colour nothing is lost. */
import pico from 'picocolors'

export interface Palette {
  strong(text: string): string
  quiet(text: string): string
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
  accent(text: string): string
  /** `text` in the colour of `id`. Red stays free for what went wrong. */
  of(id: string, text: string): string
}

export function createPalette(colour: boolean): Palette {
  const paint = pico.createColors(colour)
  const hues = [
    paint.cyan,
    paint.green,
    paint.yellow,
    paint.blue,
    paint.magenta,
    paint.cyanBright,
    paint.greenBright,
    paint.yellowBright,
    paint.blueBright,
    paint.magentaBright,
  ]
  return {
    strong: paint.bold,
    quiet: paint.dim,
    good: paint.green,
    bad: paint.red,
    warn: paint.yellow,
    accent: paint.cyan,
    of: (id, text) => (hues[hash(id) % hues.length] ?? paint.bold)(text),
  }
}

/** FNV-1a, 32 bit. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0
  return value
}
