/** Recall against lookups as a picture: a PNG of lines, drawn pixel by pixel, for there is nothing to install. */
import { crc32, deflateSync } from 'node:zlib'
import type { Trial } from './trial.ts'

const [WIDTH, HEIGHT, MARGIN] = [720, 440, 44] as const
const COLOURS = [
  [0, 114, 178],
  [213, 94, 0],
  [0, 158, 115],
  [204, 121, 167],
] as const
const GREY = [210, 210, 210] as const
const BLACK = [40, 40, 40] as const
type Colour = readonly [number, number, number]

/** Rows of dots of the digits, the point and the letters needed. */
const GLYPHS: Readonly<Record<string, readonly string[]>> = {
  '0': ['###', '#.#', '#.#', '#.#', '###'],
  '1': ['.#.', '##.', '.#.', '.#.', '###'],
  '2': ['###', '..#', '###', '#..', '###'],
  '3': ['###', '..#', '.##', '..#', '###'],
  '4': ['#.#', '#.#', '###', '..#', '..#'],
  '5': ['###', '#..', '###', '..#', '###'],
  '6': ['###', '#..', '###', '#.#', '###'],
  '7': ['###', '..#', '..#', '..#', '..#'],
  '8': ['###', '#.#', '###', '#.#', '###'],
  '9': ['###', '#.#', '###', '..#', '###'],
  '.': ['...', '...', '...', '...', '.#.'],
  a: ['...', '.##', '#.#', '#.#', '.##'],
  e: ['...', '###', '###', '#..', '###'],
  g: ['.##', '#.#', '.##', '..#', '##.'],
  k: ['#.#', '#.#', '##.', '#.#', '#.#'],
  l: ['#..', '#..', '#..', '#..', '##.'],
  n: ['...', '##.', '#.#', '#.#', '#.#'],
  o: ['...', '###', '#.#', '#.#', '###'],
  p: ['...', '##.', '#.#', '##.', '#..'],
  r: ['...', '#.#', '##.', '#..', '#..'],
  s: ['...', '.##', '##.', '..#', '##.'],
  t: ['.#.', '###', '.#.', '.#.', '.##'],
  u: ['...', '#.#', '#.#', '#.#', '###'],
  c: ['...', '###', '#..', '#..', '###'],
  ' ': ['...', '...', '...', '...', '...'],
}

/** One line for each trial, share of the true five over lookups 1 to 16. */
export function curves(trials: readonly Trial[]): Uint8Array {
  const picture = new Picture()
  const most = Math.max(...trials.map(({ recall }) => recall.length))
  const x = (lookups: number) => MARGIN + ((lookups - 1) / (most - 1)) * (WIDTH - 2 * MARGIN)
  const y = (share: number) => HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN)
  for (let share = 0; share <= 10; share++) {
    picture.line(x(1), y(share / 10), x(most), y(share / 10), share === 9 ? BLACK : GREY)
    picture.text(8, y(share / 10) - 5, (share / 10).toFixed(1), BLACK)
  }
  for (let lookups = 1; lookups <= most; lookups++) {
    picture.line(x(lookups), y(0), x(lookups), y(1), GREY)
    picture.text(x(lookups) - 4, HEIGHT - MARGIN + 8, `${lookups}`, BLACK)
  }
  picture.text(WIDTH / 2 - 30, HEIGHT - 16, 'lookups', BLACK)
  for (const [n, { init, recall }] of trials.entries()) {
    const colour = COLOURS[n % COLOURS.length] as Colour
    for (let at = 1; at < recall.length; at++)
      for (const lift of [0, 1])
        picture.line(x(at), y(recall[at - 1] ?? 0) + lift, x(at + 1), y(recall[at] ?? 0) + lift, colour)
    picture.text(WIDTH - MARGIN - 150, HEIGHT - MARGIN - 90 + 16 * n, `${init.agents} agents`, colour)
  }
  return picture.png()
}

class Picture {
  readonly #pixels = new Uint8Array(3 * WIDTH * HEIGHT).fill(255)

  line(x0: number, y0: number, x1: number, y1: number, colour: Colour): void {
    const steps = Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1))
    for (let step = 0; step <= steps; step++)
      this.#dot(x0 + ((x1 - x0) * step) / steps, y0 + ((y1 - y0) * step) / steps, colour)
  }

  text(x: number, y: number, text: string, colour: Colour): void {
    for (const [n, letter] of [...text].entries())
      for (const [row, dots] of (GLYPHS[letter] ?? []).entries())
        for (const [column, dot] of [...dots].entries())
          if (dot === '#')
            for (const [dx, dy] of [
              [0, 0],
              [1, 0],
              [0, 1],
              [1, 1],
            ] as const)
              this.#dot(x + 8 * n + 2 * column + dx, y + 2 * row + dy, colour)
  }

  /** 8-bit RGB, no filter. */
  png(): Uint8Array {
    const rows = new Uint8Array(HEIGHT * (3 * WIDTH + 1))
    for (let row = 0; row < HEIGHT; row++)
      rows.set(this.#pixels.subarray(3 * WIDTH * row, 3 * WIDTH * (row + 1)), row * (3 * WIDTH + 1) + 1)
    const header = new Uint8Array(13)
    const view = new DataView(header.buffer)
    view.setUint32(0, WIDTH)
    view.setUint32(4, HEIGHT)
    header.set([8, 2, 0, 0, 0], 8)
    const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
    return Buffer.concat([
      signature,
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(rows)),
      chunk('IEND', new Uint8Array()),
    ])
  }

  #dot(x: number, y: number, colour: Colour): void {
    this.#pixels.set(colour, 3 * (Math.round(y) * WIDTH + Math.round(x)))
  }
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}
