/** @amp-mesh/web: the page of a peer, and the handler that serves it. */
