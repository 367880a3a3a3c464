/** Imported first: our CSP forbids code made of text, and zod would try that before it goes without. */
import { config } from 'zod'

config({ jitless: true })
