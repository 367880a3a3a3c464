/** What the test page gives to tests: the public API, in `window.amp`. */
import * as amp from 'amp-mesh/browser'

Object.assign(window, { amp })
