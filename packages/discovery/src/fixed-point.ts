/**
 * Arithmetic on whole numbers whose result no engine can round differently: what makes vectors bit-identical
 * everywhere.
 */

/** 1.0 as a fixed-point number. */
export const ONE = 1_024

const FRACTION = 2 ** 24
/** ln 2, times ONE. */
const LN2 = 710
const LOG_BITS = 10
/** log2 of ONE. */
const ONE_BITS = 10

/** Floor of the square root of a whole number below 2^52. */
export function root(n: number): number {
  let guess = Math.floor(Math.sqrt(n))
  while (guess * guess > n) guess--
  while ((guess + 1) * (guess + 1) <= n) guess++
  return guess
}

/** Nearest whole number to a / b, halves upward; b > 0. */
export const ratio = (a: number, b: number): number => Math.floor((2 * a + b) / (2 * b))

/**
 * The natural logarithm of `value / ONE`, times ONE; `ONE <= value < 2^31`. Binary digits come from repeated squaring.
 */
export function ln(value: number): number {
  const exponent = 31 - Math.clz32(value)
  let mantissa = Math.floor(value * 2 ** (24 - exponent)) // [1, 2) as a fraction of 2^24: its square stays below 2^50
  let log2 = exponent - ONE_BITS
  for (let bit = 0; bit < LOG_BITS; bit++) {
    mantissa = Math.floor((mantissa * mantissa) / FRACTION)
    log2 *= 2
    if (mantissa >= 2 * FRACTION) {
      mantissa = Math.floor(mantissa / 2)
      log2++
    }
  }
  return Math.floor((log2 * LN2) / 2 ** LOG_BITS)
}
