import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { printable } from '../choose.js';
import { errorCodeOf, ImageError, reasonOf } from '../errors.js';

/** Where a service that speaks Docker's API listens. */
export type DaemonEndpoint = SocketEndpoint | TcpEndpoint;

export interface SocketEndpoint {
  readonly kind: 'socket';
  readonly path: string;
}

export interface TcpEndpoint {
  readonly kind: 'tcp';
  /** `http` or `https`, with its port; paths of the API are put behind its own. */
  readonly url: URL;
  readonly tls?: DaemonTls | undefined;
}

/** PEM texts. */
export interface DaemonTls {
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** The server's certificate is not looked at. */
  readonly insecure?: boolean | undefined;
}

export interface EndpointOptions {
  /** `unix://`, `tcp://`, `http://`, `https://`, or a path or `host:port` alone. */
  readonly host: string;
  /** Whom it leads to, for messages: `Docker`. */
  readonly title: string;
  /** The command that saves an image, for hints: `docker save`. */
  readonly saving: string;
  readonly tls?: DaemonTls | undefined;
}

/**
 * The endpoint that a host setting means.
 * @throws ImageError `SOURCE_UNAVAILABLE` for transports that are not spoken (`ssh`, `npipe`) and for texts that are no
 *   host; the message shows no user and no password
 */
export function parseEndpoint({ host, title, saving, tls }: EndpointOptions): DaemonEndpoint {
  const [, scheme = '', rest = host] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(host) ?? [];
  switch (scheme.toLowerCase()) {
    case 'unix':
      return { kind: 'socket', path: checkedPath(rest, { title, host }) };
    case '':
      if (host.startsWith('/')) return { kind: 'socket', path: host };
      return tcpEndpoint(rest, { title, host, tls });
    case 'tcp':
    case 'http':
      return tcpEndpoint(rest, { title, host, tls });
    case 'https':
      return tcpEndpoint(rest, { title, host, tls: tls ?? {} });
    case 'ssh':
    case 'npipe':
    case 'fd':
      throw new ImageError('SOURCE_UNAVAILABLE', `${title} over ${scheme.toLowerCase()}:// is not spoken`, {
        hint: `pipe the image in: ${saving} IMAGE | tidewaiter image --input -`,
      });
    default:
      throw badHost(title, host);
  }
}

/**
 * Is there a socket that we may use? Asked before anything is loaded to talk to it.
 * @throws ImageError `SOURCE_UNAVAILABLE`
 */
export async function checkSocket(path: string, title: string): Promise<void> {
  try {
    if (!(await stat(path)).isSocket()) {
      throw new ImageError('SOURCE_UNAVAILABLE', `${title} is not here: ${printable(path)} is no socket`);
    }
    await access(path, constants.R_OK | constants.W_OK);
  } catch (thrown) {
    if (thrown instanceof ImageError) throw thrown;
    throw noSocket(path, title, thrown);
  }
}

function noSocket(path: string, title: string, thrown: unknown): ImageError {
  const code = errorCodeOf(thrown);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ImageError('SOURCE_UNAVAILABLE', `${title} is not here: ${printable(path)} does not exist`, {
      cause: thrown,
    });
  }
  const isForbidden = code === 'EACCES' || code === 'EPERM';
  return new ImageError('SOURCE_UNAVAILABLE', `${title} cannot be asked: ${printable(path)}: ${reasonOf(thrown)}`, {
    hint: isForbidden ? 'run it as a user who may use the socket, or as root' : undefined,
    cause: thrown,
  });
}

interface HostText {
  readonly title: string;
  readonly host: string;
  readonly tls?: DaemonTls | undefined;
}

function checkedPath(path: string, { title, host }: HostText): string {
  if (path === '' || path.includes('\0')) throw badHost(title, host);
  return path;
}

/** Docker's own ports where none is named: 2376 with TLS, 2375 without. */
function tcpEndpoint(rest: string, { title, host, tls }: HostText): TcpEndpoint {
  let url: URL;
  try {
    // A scheme with no port of its own, so that an explicit 80 or 443 is not taken for none.
    url = new URL(`daemon://${rest.startsWith(':') ? `127.0.0.1${rest}` : rest}`);
  } catch {
    throw badHost(title, host);
  }
  if (url.hostname === '') throw badHost(title, host);
  const path = url.pathname.replace(/\/+$/, '');
  const port = url.port === '' ? (tls ? '2376' : '2375') : url.port;
  const target = `${tls ? 'https' : 'http'}://${url.hostname}:${port}${path}`;
  if (!URL.canParse(target)) throw badHost(title, host);
  return { kind: 'tcp', url: new URL(target), tls };
}

function badHost(title: string, host: string): ImageError {
  const shown = printable(host.slice(host.lastIndexOf('@') + 1));
  return new ImageError('SOURCE_UNAVAILABLE', `${title}: "${shown}" is no place where a service listens`, {
    hint: 'write unix:///path/of/socket or tcp://host:port',
  });
}
