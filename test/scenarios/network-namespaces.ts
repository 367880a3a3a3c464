/** A small network of its own for a story: members in network namespaces, joined by bridges that can be taken apart. */
import { type ChildProcess, execFile, execFileSync, type ForkOptions, fork, spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { promisify } from 'node:util'
import { until } from '../until.ts'

const run = promisify(execFile)
const IS_ROOT = process.getuid?.() === 0
/** A namespace of users makes whoever starts it root inside: no rights on the machine are needed. */
const UNSHARE = IS_ROOT ? ['unshare', '-n'] : ['unshare', '-Urn']

/** Why there can be no such network on this machine; undefined where there can. */
export function whyNoNamespaces(): string | undefined {
  try {
    execFileSync(UNSHARE[0] as string, [...UNSHARE.slice(1), 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `no network namespaces here (Linux, iproute2, and root or user namespaces): ${String(error).split('\n')[0]}`
  }
}

/** Why nobody can be put behind NAT on this machine; undefined where they can. */
export function whyNoNat(): string | undefined {
  try {
    const [command, ...options] = [...UNSHARE, 'nft', 'add', 'table', 'ip', 'nat']
    execFileSync(command as string, options, { stdio: 'pipe' })
    return whyNoNamespaces()
  } catch (error) {
    return `no NAT here (nftables, and root or user namespaces): ${String(error).split('\n')[0]}`
  }
}

/** A home router: what comes from outside and answers nothing from inside is dropped. */
const ROUTER = `
table ip home {
  chain out { type nat hook postrouting priority 100; oifname "eth0" masquerade; }
  chain in { type filter hook input priority 0; iifname "eth0" ct state new drop; }
  chain through { type filter hook forward priority 0; iifname "eth0" ct state new drop; }
}`

export interface Member {
  /** Of who is behind NAT: where it is seen from outside. */
  readonly address: string
  readonly process: ChildProcess
}

export class Namespaces {
  readonly #holder: ChildProcess
  readonly #members: Member[] = []
  readonly #routers: ChildProcess[] = []

  static async create(): Promise<Namespaces> {
    const [command, ...options] = UNSHARE
    const holder = spawn(command as string, [...options, 'sleep', 'infinity'], { stdio: 'ignore' })
    await entered(holder)
    const created = new Namespaces(holder)
    for (const bridge of ['side0', 'side1'])
      await created.#ip(holder, 'link', 'add', bridge, 'up', 'type', 'bridge', 'forward_delay', '0')
    return created
  }

  private constructor(holder: ChildProcess) {
    this.#holder = holder
  }

  /**
   * Starts a Node program in a namespace with an address of its own, on side 0; or behind the NAT of a home router that
   * has the address. It talks to us by IPC.
   */
  async start(program: string, args: readonly string[], { behindNat = false } = {}): Promise<Member> {
    const [execPath, ...execArgv] = [...this.#enter(this.#holder), 'unshare', '-n', process.execPath]
    const options: ForkOptions = { execPath, execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }
    const child = fork(program, args, options)
    await entered(child, this.#holder)
    const number = this.#members.length + 1
    const address = `10.77.0.${number}`
    const device = `member${number}`
    const outside = behindNat ? await this.#router() : child
    await this.#cable(this.#holder, device, outside, `${address}/24`)
    await this.#ip(this.#holder, 'link', 'set', device, 'master', 'side0', 'up')
    if (behindNat) {
      await this.#cable(outside, 'home', child, '192.168.77.2/24')
      await this.#ip(outside, 'addr', 'add', '192.168.77.1/24', 'dev', 'home')
      await this.#ip(outside, 'link', 'set', 'home', 'up')
      await this.#ip(child, 'route', 'add', 'default', 'via', '192.168.77.1')
    }
    const member = { address, process: child }
    this.#members.push(member)
    return member
  }

  /** Nothing passes between these members and the others any more; nobody is told. */
  split(apart: readonly Member[]): Promise<void> {
    return this.#move(apart, 'side1')
  }

  heal(): Promise<void> {
    return this.#move(this.#members, 'side0')
  }

  stop(): void {
    for (const member of this.#members) member.process.kill('SIGKILL')
    for (const router of this.#routers) router.kill('SIGKILL')
    this.#holder.kill('SIGKILL')
  }

  async #move(members: readonly Member[], side: string): Promise<void> {
    for (const member of members) {
      const device = `member${this.#members.indexOf(member) + 1}`
      await this.#ip(this.#holder, 'link', 'set', device, 'master', side)
    }
  }

  async #router(): Promise<ChildProcess> {
    const [command, ...options] = [...this.#enter(this.#holder), 'unshare', '-n', 'sleep', 'infinity']
    const router = spawn(command as string, options, { stdio: 'ignore' })
    this.#routers.push(router)
    await entered(router, this.#holder)
    await this.#run(router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
    await this.#run(router, 'nft', ROUTER)
    return router
  }

  /** From a device of one to `eth0` of the other, which gets the address. */
  async #cable(from: ChildProcess, device: string, to: ChildProcess, address: string): Promise<void> {
    await this.#ip(from, 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${to.pid}`)
    await this.#ip(to, 'addr', 'add', address, 'dev', 'eth0')
    for (const each of ['lo', 'eth0']) await this.#ip(to, 'link', 'set', each, 'up')
  }

  #ip(where: ChildProcess, ...args: string[]): Promise<void> {
    return this.#run(where, 'ip', ...args)
  }

  async #run(where: ChildProcess, ...args: string[]): Promise<void> {
    const [command, ...options] = [...this.#enter(where), ...args]
    await run(command as string, options)
  }

  #enter(where: ChildProcess): string[] {
    return ['nsenter', '-t', `${where.pid}`, ...(IS_ROOT ? [] : ['-U', '--preserve-credentials']), '-n']
  }
}

/** Until the process is in a network namespace of its own. */
async function entered(child: ChildProcess, ...others: readonly ChildProcess[]): Promise<void> {
  const networkOf = (pid: number | 'self' | undefined) => readlinkSync(`/proc/${pid}/ns/net`)
  const known = [networkOf('self'), ...others.map(({ pid }) => networkOf(pid))]
  await until('a network namespace', () => child.exitCode !== null || !known.includes(networkOf(child.pid)))
  if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode} before it was in a network of its own`)
}
