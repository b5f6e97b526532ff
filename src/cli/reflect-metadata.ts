const known = new WeakMap<object, Map<unknown, unknown>>();

/**
 * Gives `Reflect` the little of the metadata API that the certificate library's container of classes asks for when it
 * is loaded: metadata of whole classes, by key. https://rbuckton.github.io/reflect-metadata/
 */
export function provideReflectMetadata(): void {
  if ('getMetadata' in Reflect) return;
  Object.assign(Reflect, { getOwnMetadata, getMetadata, defineMetadata, metadata: decorate });
}

function getOwnMetadata(key: unknown, target: object): unknown {
  return known.get(target)?.get(key);
}

function getMetadata(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = parentOf(at)) {
    if (known.get(at)?.has(key) === true) return getOwnMetadata(key, at);
  }
  return undefined;
}

function parentOf(target: object): object | null {
  const parent: unknown = Object.getPrototypeOf(target);
  return typeof parent === 'object' || typeof parent === 'function' ? parent : null;
}

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const own = known.get(target) ?? new Map<unknown, unknown>();
  known.set(target, own.set(key, value));
}

/** The decorator that compilers write for the types of a constructor's parameters. */
function decorate(key: unknown, value: unknown): (target: object) => void {
  return (target) => defineMetadata(key, value, target);
}
