/** The worker of one draft in this tab. */
import { serveDraft } from 'amp-mesh/browser/drafts'

serveDraft(self)
