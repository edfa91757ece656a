/** What `object[3]` reads, and `object[3] = value` writes. @internal */
export interface Indexed {
  readonly get: (index: number) => unknown;
  readonly set: (index: number, value: unknown) => void;
}

function indexOf(key: string | symbol): number | undefined {
  return typeof key === 'string' && /^(0|[1-9]\d*)$/.test(key) ? Number(key) : undefined;
}

/** The same object, with elements. Its methods see the object itself. @internal */
export function indexed<T extends object>(target: T, elements: Indexed): T {
  return new Proxy(target, {
    get(object, key) {
      const index = indexOf(key);
      if (index !== undefined) return elements.get(index);
      const value: unknown = Reflect.get(object, key, object);
      return typeof value === 'function' && key !== 'constructor' ? value.bind(object) : value;
    },
    set(object, key, value) {
      const index = indexOf(key);
      if (index === undefined) return Reflect.set(object, key, value, object);
      elements.set(index, value);
      return true;
    },
  });
}
