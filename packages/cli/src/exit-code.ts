/** What the command's exit code tells the script that ran it. Printed by `amp-mesh --help`. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  nobodyAnswered: 3,
  partial: 4,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export const EXIT_HELP = `
Exit codes:
  0    done
  1    something failed; the message says what to do next
  2    wrong usage
  3    nobody answered: no peer to join, or no agent could help
  4    a partial answer: the budget was spent before everybody had finished
  130  interrupted`
