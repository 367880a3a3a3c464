/** An object that stands in for another of libp2p's, but for some members of its own. */
export function standingIn<T extends object>(other: T, own: Partial<T>): T {
  return new Proxy(other, {
    get(target, key) {
      if (Object.hasOwn(own, key)) return Reflect.get(own, key)
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
