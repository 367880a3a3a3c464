/** @amp-mesh/web: the page of a peer, and how a peer serves it. */
export { type PageSite, type PageSiteInit, pageSite } from './server/page-site.ts'
