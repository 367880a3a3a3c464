/** `defineAgent`: an agent is a value; this checks that it is a sound one, and says what to mend when it is not. */
import { AGENT_LIMITS, type Agent, AmpError, isCapability, PATTERNS } from '@amp-mesh/protocol'

/** The agent itself, once its name, capabilities and functions are known to be sound. Throws AmpError `bad-input`. */
export function defineAgent(agent: Agent): Agent {
  const flaw = flawOf(agent)
  if (flaw !== undefined) throw new AmpError('bad-input', flaw)
  return agent
}

/** What to mend in something that should be an agent; undefined when it is one. */
export function flawOf(agent: unknown): string | undefined {
  if (typeof agent !== 'object' || agent === null) return 'an agent is an object {name, capabilities, contribute}'
  const { name, capabilities, contribute, description, operator } = agent as Partial<Record<keyof Agent, unknown>>
  if (typeof name !== 'string' || !PATTERNS.agentName.test(name))
    return `an agent's name is 1 to 64 of a-z, 0-9 and "-", not starting with "-": ${shown(name)}`
  if (!Array.isArray(capabilities) || capabilities.length === 0)
    return `agent ${name}: give at least one capability in words, e.g. capabilities: [{text: "book travel"}]`
  if (capabilities.length > AGENT_LIMITS.capabilities)
    return `agent ${name}: at most ${AGENT_LIMITS.capabilities} capabilities, found ${capabilities.length}`
  const wrong = capabilities.find(capability => !isCapability(capability) || capability.text.trim() === '')
  if (wrong !== undefined)
    return (
      `agent ${name}: a capability is {text, examples?: string[], parameters?: string, tags?: string[]}, ` +
      `its text 1 to ${AGENT_LIMITS.capabilityLength} characters, at most 8 examples no longer: ${shown(wrong)}`
    )
  if (typeof contribute !== 'function') return `agent ${name}: contribute(turn) must be a function`
  for (const optional of ['offer', 'verify', 'receive', 'synthesise'] as const) {
    const value = (agent as Partial<Record<keyof Agent, unknown>>)[optional]
    if (value !== undefined && typeof value !== 'function') return `agent ${name}: ${optional} must be a function`
  }
  if (description !== undefined && !isText(description, 1024))
    return `agent ${name}: description is a text of at most 1024 characters`
  if (operator !== undefined && !isText(operator, 128))
    return `agent ${name}: operator is a text of at most 128 characters`
  return undefined
}

const isText = (value: unknown, max: number): value is string => typeof value === 'string' && value.length <= max

const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 120)
