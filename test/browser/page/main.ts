/** What the test page gives to tests: the public API, in `window.amp`. */

import { openDatabase } from '@amp-mesh/peer/browser'
import * as amp from 'amp-mesh/browser'

Object.assign(window, { amp: { ...amp, openDatabase } })
