/** Imported first: our CSP forbids code made of text, and zod would try it (and be reported) before it believes that. */
import { config } from 'zod'

config({ jitless: true })
