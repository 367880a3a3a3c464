/**
 * What the house promises, as data. Tests cite a promise by its id in their names, like `[G4.codec]`. A whole promise
 * (`G4`) is kept when all its parts are. `test/requirements.test.ts` holds that every part marked `kept` is cited, that
 * no test cites one that does not exist, and that what is `planned` says which issue brings it.
 */
export interface Requirement {
  id: string
  text: string
  /** `kept`: a test shows it. Otherwise the issue that will. */
  state: 'kept' | { planned: string }
}

const contextIssue = { planned: 'the context issue' }

export const REQUIREMENTS: readonly Requirement[] = [
  // ---- G1: nobody alters, deletes, forges or hides what another said
  { id: 'G1', text: 'No member can alter, delete or forge another’s record, nor hide it.', state: contextIssue },
  { id: 'G1.signature', text: 'Every backend gives the same verdict on every Ed25519 signature.', state: 'kept' },
  { id: 'G1.cards', text: 'A card counts only for its mesh and only as its own peer signed it.', state: 'kept' },
  { id: 'G1.attacks', text: 'The attacks of CONTEXT.md §16 fail on real peers.', state: 'kept' },
  {
    id: 'G1.fork',
    text: 'Of a fork stays, on every replica, what a quorum acknowledged, else nothing.',
    state: 'kept',
  },
  { id: 'G1.erase', text: 'What its author erases is forgotten by every peer, on disk too.', state: 'kept' },
  { id: 'G1.hole', text: 'Bytes that somebody keeps back are missed, asked for and recognised.', state: 'kept' },
  { id: 'G1.export', text: 'Any flip, cut or loss in the export of a space fails its audit.', state: 'kept' },
  { id: 'G1.vectors', text: 'No vectors on a card put it where its words would not.', state: 'kept' },
  { id: 'G1.hide', text: 'A record reaches every peer with one honest connection.', state: 'kept' },
  { id: 'G1.drafts', text: 'No bytes of a peer reach a Yjs decoder but through the draft guard.', state: 'kept' },

  // ---- G2: the same entries, the same views
  { id: 'G2', text: 'Members with the same entries compute the same views, in any order.', state: 'kept' },
  { id: 'G2.views', text: 'Threads, status, needs, offers, coordinators, synthesis: pure folds.', state: 'kept' },
  { id: 'G2.projection', text: 'Equal records, equal visible Yjs documents, merged ones too.', state: 'kept' },
  { id: 'G2.drafts', text: 'Equal edits, equal drafts, whatever an editor signs.', state: 'kept' },
  { id: 'G2.editors', text: 'Editors in rooms, in tabs that are peers, and agents share one text.', state: 'kept' },
  { id: 'G2.rooms', text: 'A y-websocket client of two peers sees one document, live.', state: 'kept' },
  {
    id: 'G2.types',
    text: 'G-Set, PN-counter, LWW register and OR-map behave as Pekko’s, but where a case says why not.',
    state: 'kept',
  },
  { id: 'G2.embedder', text: 'The built-in embedder gives the same vectors on every machine.', state: 'kept' },

  // ---- G3: what is stored stays, what was parted meets again
  { id: 'G3', text: 'A stored entry survives kill -9; after a partition, members converge.', state: 'kept' },
  { id: 'G3.durable', text: 'Nothing is sent before it is durable; nothing acknowledged is lost.', state: 'kept' },
  { id: 'G3.sync', text: 'heads, want, segment bring any two replicas to the same entries.', state: 'kept' },
  { id: 'G3.checkpoint', text: 'Who begins with a proven checkpoint holds what all others hold.', state: 'kept' },
  {
    id: 'G3.histories',
    text: 'Random histories with crashes, forks and f liars: all honest end alike.',
    state: 'kept',
  },
  { id: 'G3.artifact', text: 'An artifact is fetched to its end from any holder, checked by hash.', state: 'kept' },
  { id: 'G3.restart', text: 'A process killed at any moment starts again with its folder.', state: 'kept' },
  { id: 'G3.damage', text: 'A damaged store is noticed, never believed, and repaired from others.', state: 'kept' },
  { id: 'G3.directory', text: 'Directories become equal by digests; agreeing costs some 200 bytes.', state: 'kept' },
  { id: 'G3.partition', text: 'Both sides of a split network go on; when it heals they are one.', state: 'kept' },

  // ---- G4: nothing from outside crashes, runs or floods a peer
  { id: 'G4', text: 'A message from outside can’t crash a peer, run code or exceed its memory.', state: 'kept' },
  { id: 'G4.codec', text: 'Foreign bytes become a checked message or a DecodeError, in bounded time.', state: 'kept' },
  {
    id: 'G4.bulk',
    text: 'Bulk never delays a message: it is written in slices, and messages go first.',
    state: 'kept',
  },
  { id: 'G4.backpressure', text: 'Who reads slowly makes nobody hold more than a stated queue.', state: 'kept' },
  { id: 'G4.errors', text: 'A peer is told a wire code, never a note.', state: 'kept' },
  { id: 'G4.frames', text: 'A malformed WebSocket frame does not end the process (F1).', state: 'kept' },
  { id: 'G4.fuzz', text: 'Seeded hostile input at every door: no crash, no hang, nothing left behind.', state: 'kept' },
  { id: 'G4.sockets', text: 'Aborted connections leak no sockets; idle ones are closed (F2, F8).', state: 'kept' },
  { id: 'G4.drafts', text: 'An editor whose edits cost too much costs that draft alone.', state: 'kept' },
  { id: 'G4.rooms', text: 'A Yjs client’s writes never leave its room; rooms ask for the token.', state: 'kept' },
  {
    id: 'G4.crowd',
    text: 'A crowd of one network takes no places from peers of others, nor keeps words from them.',
    state: 'kept',
  },
  { id: 'G4.flood', text: 'One host’s flood does not keep honest peers out (F7).', state: 'kept' },
  {
    id: 'G4.rate',
    text: 'A peer that says too much is not read for a while; queues stay within limits.ts.',
    state: 'kept',
  },
  { id: 'G4.directory', text: 'No publisher fills a directory, or pushes others out of it.', state: 'kept' },
  { id: 'G4.tls', text: 'Other machines are answered over TLS, or not at all but for libp2p.', state: 'kept' },
  { id: 'G4.page', text: 'What others say is text in the page: no script runs, the layout holds.', state: 'kept' },
  { id: 'G4.private', text: 'What a peer keeps is shown to its token and its own page alone.', state: 'kept' },

  // ---- G5: Byzantine members of a ballot
  { id: 'G5', text: 'With f < n/3 Byzantine members, no fact is verified against the honest.', state: contextIssue },
  { id: 'G5.final', text: 'With f faulty verifiers of n decisions are unique, final, and alike.', state: 'kept' },
  { id: 'G5.control', text: 'With f+1 faulty verifiers the same simulation finds violations.', state: 'kept' },
  { id: 'G5.refute', text: 'A planted false fact is refuted and does not reach the synthesis.', state: 'kept' },

  // ---- G6: nobody is special
  { id: 'G6', text: 'Kill any 30 % in mid-collaboration, the asker included: the rest conclude.', state: 'kept' },
  { id: 'G6.asker', text: 'The asker dies: all survivors hold the same synthesis.', state: 'kept' },
  {
    id: 'G6.coordinator',
    text: 'The coordinator dies before its synthesis: the next one writes it.',
    state: 'kept',
  },
  {
    id: 'G6.absence',
    text: 'A dead peer one works with is suspected within 5 s, who returns is back in 5 s, a slow one is never gone.',
    state: 'kept',
  },
  { id: 'G6.reconnect', text: 'A lost connection is made again, however often that fails (F3).', state: 'kept' },

  // ---- G7: everything ends, everything is bounded
  { id: 'G7', text: 'What waits takes an AbortSignal and ends; what grows is bounded.', state: 'kept' },
  { id: 'G7.cancel', text: 'Aborting ask writes cancel, and agents’ signals abort within a second.', state: 'kept' },
  { id: 'G7.model', text: 'A model call ends by its deadline, whatever the server does (F11).', state: 'kept' },
  { id: 'G7.search', text: 'Every search ends: local, DHT and card queries have deadlines (F14).', state: 'kept' },

  // ---- G8: plain clients
  { id: 'G8', text: 'A script of any language takes part with a few lines of JSON.', state: 'kept' },
  { id: 'G8.json', text: 'The four JSON messages of seed 004 become records of the ledger.', state: 'kept' },
  { id: 'G8.clients', text: 'The clients in examples/clients ask, and print who offers.', state: 'kept' },
  { id: 'G8.gateway', text: 'Typed into a WebSocket, they start a collaboration that is heard live.', state: 'kept' },
  {
    id: 'G8.guest',
    text: 'A plain client takes part in others’ questions, and the conclusion cites it.',
    state: 'kept',
  },
  {
    id: 'G8.conformance',
    text: 'The conformance kit passes a peer, and names what a broken gateway breaks.',
    state: 'kept',
  },

  // ---- G9: what agents say to each other directly
  { id: 'G9', text: 'What is acknowledged to a sender is handled once, whatever dies when.', state: 'kept' },
  { id: 'G9.receipt', text: 'A message’s states are told as they are reached, or why they are not.', state: 'kept' },
  {
    id: 'G9.subjects',
    text: 'Who subscribes to a subject hears what is published; of a space, all of it.',
    state: 'kept',
  },
  { id: 'G9.direct', text: 'Two agents speak over a channel; who does not read slows down who speaks.', state: 'kept' },
  { id: 'G9.context', text: 'A message is handled by who holds what its sender held, or told why not.', state: 'kept' },
  { id: 'G9.group', text: 'Of agents that fit one gets a message, another if that cannot be reached.', state: 'kept' },
  { id: 'G9.once', text: 'A message is stored before it is acknowledged, and handled once.', state: 'kept' },
  { id: 'G9.tab', text: 'Agents in tabs send, receive, request, publish and subscribe as others.', state: 'kept' },
  {
    id: 'G9.chaos',
    text: 'Kills, power cuts, partitions, lost disks: an auditor finds 0 lost, 0 twice.',
    state: 'kept',
  },

  // ---- G10: closed meshes
  { id: 'G10', text: 'A closed mesh lets in its members, and tells others nothing.', state: 'kept' },
  { id: 'G10.chain', text: 'Who has no sound chain of certificates from the mesh’s key is not let in.', state: 'kept' },
  { id: 'G10.stranger', text: 'A stranger opens no stream, and learns of no member, at any door.', state: 'kept' },
  { id: 'G10.member', text: 'A peer counts with its member, who has a bounded number of them.', state: 'kept' },
  { id: 'G10.once', text: 'An invitation makes one member, once, while it lasts.', state: 'kept' },
  { id: 'G10.revoke', text: 'Who was taken out is cut off at once, by all who hear of it.', state: 'kept' },
  { id: 'G10.tab', text: 'A tab becomes a member by its invitation, and stays one over reloads.', state: 'kept' },
  { id: 'G10.expiry', text: 'Whose certificates end is disconnected then, and no earlier.', state: 'kept' },
  { id: 'G10.renewal', text: 'An issuer renews its members past half of their time.', state: 'kept' },
  { id: 'G10.rotation', text: 'A new key takes over; what the old one granted ends with it.', state: 'kept' },

  // ---- G11: whoever runs a peer sees how it does
  { id: 'G11', text: 'Whoever runs a peer sees how it does, and nobody else does.', state: 'kept' },
  { id: 'G11.health', text: '/healthz says whether the peer is well, to anybody, and nothing else.', state: 'kept' },
  {
    id: 'G11.traces',
    text: 'A question is one trace, over all peers that record theirs; by default none does.',
    state: 'kept',
  },
  { id: 'G11.metrics', text: '/metrics tells its figures as Prometheus reads them, to its token.', state: 'kept' },

  // ---- P: the product
  { id: 'P1', text: 'What is published works where nothing of the repository is.', state: 'kept' },
  { id: 'P1.packages', text: 'Packed and installed elsewhere, the command and the types work.', state: 'kept' },
  { id: 'P1.peers', text: 'Installed elsewhere, two peers meet and one finds the other’s agent.', state: 'kept' },
  { id: 'P2', text: 'One command: seven agents in seven processes answer one question together.', state: 'kept' },
  { id: 'P2.demo', text: 'npm start ends with exit 0 within 40 s; --json prints only JSON lines.', state: 'kept' },
  { id: 'P2.children', text: 'No process outlives the demo, not on Ctrl-C, not on kill.', state: 'kept' },
  {
    id: 'P2.errors',
    text: 'Every command says what went wrong and what to do next, by exit code too.',
    state: 'kept',
  },
  { id: 'P3', text: 'The release review finds what is there, and nothing that is not.', state: 'kept' },
  {
    id: 'P3.findings',
    text: '≥ 90 % of planted defects found, ≤ 1 false finding on the clean twin.',
    state: 'kept',
  },
  { id: 'P3.together', text: 'Defects that only two agents together can see are found.', state: 'kept' },
  {
    id: 'P3.claims',
    text: 'Each claim cites live, not refuted records; taking a cause away takes it.',
    state: 'kept',
  },
  { id: 'P3.why', text: 'A conclusion is led back over what it rests on to its question.', state: 'kept' },
  { id: 'P4', text: 'Agents organise themselves: find, offer, build on, disagree, conclude.', state: 'kept' },
  { id: 'P4.late', text: 'An agent that joins late takes part.', state: 'kept' },
  {
    id: 'P4.mediate',
    text: 'Whoever is uninvolved mediates between two that contradict each other.',
    state: 'kept',
  },
  { id: 'P4.waves', text: 'A question goes to those who fit, to everybody only when nobody offers.', state: 'kept' },
  { id: 'P4.prompt', text: 'The first offer comes as soon as the network and a doubt allow.', state: 'kept' },
  { id: 'P4.nobody', text: 'If nobody can help, the asker is told and a gap is recorded.', state: 'kept' },
  { id: 'P4.mesh', text: 'A peer of another mesh is refused.', state: 'kept' },
  { id: 'P4.find', text: 'An agent is found by what it says it can do, in other words too.', state: 'kept' },
  {
    id: 'P4.embedders',
    text: 'Peers with different embedders find each other’s agents; vectors of two spaces are never compared.',
    state: 'kept',
  },

  { id: 'P5', text: 'A browser tab is a peer, and its page is for everybody.', state: 'kept' },
  { id: 'P5.tabs', text: 'Tabs and Node conclude together; tabs are linked directly.', state: 'kept' },
  { id: 'P5.survive', text: 'The peer that served a tab dies: the tab keeps all and asks on.', state: 'kept' },
  { id: 'P5.worker', text: 'An agent in a worker of a tab is found by meaning from Node.', state: 'kept' },
  { id: 'P5.origin', text: 'All tabs of a person are one peer, whichever of them is open.', state: 'kept' },
  { id: 'P5.person', text: 'A person takes part as agents do, and is cited.', state: 'kept' },
  { id: 'P5.heal', text: 'A broken connection says so, and heals by itself.', state: 'kept' },
  { id: 'P5.access', text: 'axe finds nothing serious in any state of the page, light or dark.', state: 'kept' },
  { id: 'P5.size', text: 'The page is at most 350 kB, gzipped.', state: 'kept' },
  { id: 'P6', text: 'The mesh remembers: what it found once it knows, and nobody can poison that.', state: 'kept' },
  { id: 'P6.remembers', text: 'The same question is answered from commons at once, with whose work.', state: 'kept' },
  { id: 'P6.misses', text: 'A question that differs in a word, number or context is asked anew.', state: 'kept' },
  {
    id: 'P6.poison',
    text: 'An answer counts only if the mesh’s verifiers, or we ourselves, were there.',
    state: 'kept',
  },
  { id: 'P6.graph', text: 'The graph answers by pattern, neighbourhood and meaning, with provenance.', state: 'kept' },

  // ---- D: the documents tell the truth
  { id: 'D1', text: 'The documents tell the truth.', state: 'kept' },
  {
    id: 'D1.protocol',
    text: 'PROTOCOL.md has every message, record kind, field and limit of the sources.',
    state: 'kept',
  },
  { id: 'D1.documents', text: 'Dependencies, promises, links and commands in documents exist.', state: 'kept' },
]
