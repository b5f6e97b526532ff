import { showSentence } from './byte-text.js';
import { hubKey, parseRegistryKey, type RegistryKey } from './registry-key.js';

/** Something about a pull secret that its writer should know. */
export interface SecretFinding {
  /** Stable, for programs: `key-tag`. */
  readonly id: string;
  /** An error makes the secret, or one key of it, useless; a warning is a likely mistake; info is as it must be. */
  readonly severity: 'error' | 'warning' | 'info';
  /** The key that it is about, as written. */
  readonly key?: string | undefined;
  /** One clause; has nothing of a password. */
  readonly message: string;
  /** What to do, one clause. */
  readonly hint?: string | undefined;
}

type KeyFinding = Omit<SecretFinding, 'key'>;

const hubAliases = new Set([
  'registry-1.docker.io',
  'hub.docker.com',
  'registry.hub.docker.com',
  'docker.com',
  'www.docker.com',
  'www.docker.io',
  'registry.docker.io',
]);
const hubSpelling = 'https://index.docker.io/v1/';

/** What is wrong with the spelling of a key, or surprising about what the kubelet makes of it. */
export function lintKey(key: string): readonly SecretFinding[] {
  const found = lintSpelling(key);
  return found.map((finding) => ({ ...finding, key }));
}

function lintSpelling(key: string): readonly KeyFinding[] {
  if (key === '') return [error('key-empty', 'an empty key matches no image', 'write the registry')];
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\//.exec(key.slice(0, 60))?.[1];
  if (scheme !== undefined && scheme !== 'https' && scheme !== 'http') return [schemeFinding(key, scheme)];
  const parsed = parseRegistryKey(key);
  if ('invalid' in parsed) return [invalidFinding(key, parsed.invalid)];
  const hub = lintHub(key, parsed);
  if (hub) return [hub];
  return [...lintDropped(key, parsed), ...lintHost(key, parsed), ...lintPath(key, parsed)];
}

function schemeFinding(key: string, scheme: string): KeyFinding {
  const rest = key.slice(scheme.length + 3);
  return error(
    'key-scheme',
    `the kubelet takes "${scheme}:" for the host: only https:// and http:// in lower case are left out`,
    `write "${/^https?$/i.test(scheme) ? `${scheme.toLowerCase()}://${redactKey(rest)}` : redactKey(rest)}"`,
  );
}

function invalidFinding(key: string, reason: string): KeyFinding {
  const hints: readonly (readonly [RegExp, string])[] = [
    [/:[^/]*[*?]/, 'write the port, or leave it out: there are no patterns for ports'],
    [/[[\]\\]/, '"*" is the only pattern there is, within one part of the host between dots'],
    [/\s/, 'take the white space out'],
  ];
  const hint =
    hints.find(([pattern]) => pattern.test(key.slice(0, 1000)))?.[1] ?? 'write the registry, and perhaps a path';
  return error('key-invalid', `the kubelet drops this key: ${reason}`, hint);
}

function lintHub(key: string, { labels, port, path }: RegistryKey): KeyFinding | undefined {
  const host = labels.join('.');
  const lower = host.toLowerCase();
  const hint = `write "${hubSpelling}"`;
  if (port !== '' && (lower === hubKey || lower === 'docker.io')) {
    return error('key-hub-port', 'with a port it matches no image of Docker Hub', hint);
  }
  if (lower === hubKey && host === lower) {
    if (/^\/v[12]$/.test(path)) {
      return error(
        'key-hub-slash',
        'without the slash at its end it matches no image of Docker Hub',
        `write "${redactKey(key)}/"`,
      );
    }
    if (path !== '') {
      const shown = path.slice(0, 200);
      return error('key-hub-path', 'index.docker.io with a path matches nothing', `write "docker.io${shown}"`);
    }
    return {
      id: 'key-hub-fallback',
      severity: 'info',
      message:
        'the kubelet also shows it to registries whose name has neither a dot nor a port, such as "localhost", if no other key matches',
      hint: 'write "docker.io" if you have such registries',
    };
  }
  if (hubAliases.has(lower)) return error('key-hub-alias', `no image of Docker Hub is called by "${host}"`, hint);
  if (host !== lower && (lower === 'docker.io' || lower === hubKey)) {
    return error('key-case', 'with capital letters it matches no image of Docker Hub', hint);
  }
  if (lower === '*.docker.io') {
    return error('key-hub-glob', 'no image of Docker Hub has anything before "docker.io"', 'write "docker.io"');
  }
  return undefined;
}

/** Parts of the key that the kubelet leaves out. */
function lintDropped(key: string, { normalized }: RegistryKey): readonly KeyFinding[] {
  const rest = key.replace(/^https?:\/\//, '');
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? '';
  const found: KeyFinding[] = [];
  if (authority.includes('@')) {
    found.push(
      warning(
        'key-user',
        'what stands before "@" is left out',
        'put user and password into the entry, not into its key',
      ),
    );
  }
  const cut = /[?#]/.exec(rest)?.[0];
  if (cut !== undefined) {
    found.push(
      warning(
        'key-query',
        `what follows "${cut}" is left out, so that it means "${normalized.slice(0, 200)}"`,
        cut === '?' ? '"*" is the only pattern there is' : 'leave it out',
      ),
    );
  }
  return found;
}

function lintHost(key: string, { labels, port, path, normalized }: RegistryKey): readonly KeyFinding[] {
  const host = labels.join('.');
  const found: KeyFinding[] = [];
  if (host.startsWith('[')) {
    found.push(
      error(
        'key-address',
        'without a port the brackets of an IPv6 address are read as a set of characters: it matches no image',
        'give the registry a port, or a name',
      ),
    );
    return found;
  }
  if (port === '443' || port === '80') {
    found.push(
      warning(
        'key-port',
        `it only matches images whose name has the port ${port}, too: none is added or left out`,
        `leave ":${port}" out, unless the names of your images have it`,
      ),
    );
  }
  if (labels.length === 1 && port === '') found.push(...lintSingleLabel(key, host, path));
  else if (/[A-Z]/.test(host)) {
    found.push(
      warning(
        'key-case',
        'capital letters count: it only matches images whose name has them, too',
        'write it in lower case',
      ),
    );
  }
  if (labels.some((label) => label === '') && normalized !== '') {
    found.push(error('key-host', 'a part of the host between dots is empty: it matches no image', 'correct the host'));
  }
  const glued = labels.length > 1 ? /^\*[a-z0-9-]/.exec(labels[0] ?? '') : null;
  if (glued) {
    found.push(
      warning(
        'key-glob-label',
        `its "*" stays within one part of the host: it matches no name with a dot more, such as "eu.${host.slice(1, 100)}"`,
        `write "*.${host.slice(1, 100)}" for names below it`,
      ),
    );
  }
  return found;
}

function lintSingleLabel(key: string, host: string, path: string): readonly KeyFinding[] {
  if (host === '*') {
    return [
      warning(
        'key-star',
        'a "*" alone is not every registry: it only matches names without a dot, such as "localhost"',
        'write one key for each registry, or one "*" for each part between dots',
      ),
    ];
  }
  if (host === 'localhost' || host.includes('*') || /[A-Z]/.test(host)) return [];
  return [
    error(
      'key-no-registry',
      `"${redactKey(key)}" is taken for a registry called "${host}", and no image is: such names are on Docker Hub`,
      `write "docker.io/${host}${path}"`,
    ),
  ];
}

function lintPath(key: string, { path, labels, port }: RegistryKey): readonly KeyFinding[] {
  const host = `${labels.join('.')}${port === '' ? '' : `:${port}`}`;
  if (path === '') return [];
  const shown = path.slice(1, 200);
  const never = (id: string, message: string, hint: string): readonly KeyFinding[] => [error(id, message, hint)];
  if (/[:@]/.test(path)) {
    return never(
      'key-tag',
      'with a tag or digest it matches no image',
      `write "${host}/${shown.replace(/[:@].*$/, '')}"`,
    );
  }
  if (path.includes('*')) {
    return never(
      'key-path-glob',
      'there are no patterns in paths: it matches no image',
      `write "${host}/${shown.replace(/\*.*$/, '')}"`,
    );
  }
  if (/[A-Z]/.test(path))
    return never('key-path', 'no image has capital letters in its path', 'write it in lower case');
  if (!/^(?:\/[a-z0-9._-]+)*\/?$/.test(path))
    return never('key-path', `no image has the path "${shown}"`, 'correct the path');
  const api = /^(?:https?:\/\/)?[^/]*\/(v[12])\/./.exec(key.slice(0, 1000))?.[1];
  if (api !== undefined) {
    return [
      warning(
        'key-api-prefix',
        `its "/${api}" is left out, so that it means "${host}/${shown}"`,
        `for images below "${api}/" write "${host}/${api}/${api}/${shown}"`,
      ),
    ];
  }
  if (/^\/v[12]$/.test(path)) {
    return [
      warning(
        'key-api-path',
        `without a slash at its end, "${shown}" is the path of images, and not the registry's interface`,
        `write "${host}"`,
      ),
    ];
  }
  if (path.endsWith('/')) return [];
  return [
    warning(
      'key-path-prefix',
      `a path is compared as plain text: it is also for "${host}/${shown}-other" and the like`,
      `write "${host}/${shown}/" if only what lies below it is meant`,
    ),
  ];
}

/** A key without the user and password that some write into it; for everything that is shown. */
export function redactKey(key: string): string {
  return key.replace(/^((?:[a-zA-Z][a-zA-Z0-9+.-]{0,20}:\/\/)?)[^/?#]*@/, '$1***@');
}

function error(id: string, message: string, hint: string): KeyFinding {
  return { id, severity: 'error', message: showSentence(message), hint: showSentence(hint) };
}

function warning(id: string, message: string, hint: string): KeyFinding {
  return { id, severity: 'warning', message: showSentence(message), hint: showSentence(hint) };
}
