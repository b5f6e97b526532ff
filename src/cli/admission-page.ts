import { stat } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { ConfigError, type Settings } from '../config/index.js';
import {
  openAdmissionPage,
  parseListenAddress,
  type AdmissionPage,
  type AdmissionPageOptions,
  type ListenAddress,
} from '../server/index.js';
import { version } from './version.js';

const pageOptions = ['page-token', 'page-client-ca', 'page-client-name'] as const;

/**
 * The page with recent decisions, if it is asked for.
 * @throws ConfigError `CONFLICT` for options that do not go together; what `openAdmissionPage` throws
 */
export async function openPage(
  settings: Settings,
  watching: AdmissionPageOptions['watching'],
  log: AdmissionPageOptions['log'],
): Promise<AdmissionPage | undefined> {
  const listen = settings.text('page-listen');
  const clientAuthorities = settings.text('page-client-ca');
  const tokenPath = settings.text('page-token');
  const clientNames = new Set(settings.list('page-client-name'));
  if (listen === undefined) {
    const idle = pageOptions.find((name) =>
      name !== 'page-client-name' ? settings.text(name) !== undefined : clientNames.size > 0,
    );
    if (idle === undefined) return undefined;
    throw conflict(`--${idle} needs --page-listen`, 'say where the page is to be with --page-listen 127.0.0.1:8444');
  }
  if (tokenPath === undefined && clientAuthorities === undefined) {
    const hint = 'openssl rand -hex 16 > page.token, and --page-token page.token';
    throw conflict('--page-listen needs --page-token or --page-client-ca: the page is shown to nobody unknown', hint);
  }
  if (clientNames.size > 0 && clientAuthorities === undefined) {
    throw conflict(
      '--page-client-name needs --page-client-ca, which vouches for names',
      'name the authorities of readers with --page-client-ca',
    );
  }
  const address = listenAddress(listen);
  if (isTakenBy(address, listenAddress(settings.text('listen') ?? ''))) {
    throw conflict('--page-listen and --listen name the same port', 'give the page a port of its own');
  }
  if (tokenPath !== undefined && (await isOpenToOthers(tokenPath))) {
    log('warn', `others on this machine may read ${tokenPath} (--page-token): chmod 600 keeps it to its owner`);
  }
  const page = await openAdmissionPage({
    address,
    tls: { certificate: settings.text('tls-cert') ?? '', key: settings.text('tls-key') ?? '', clientAuthorities },
    clientNames,
    tokenPath,
    watching,
    version,
    log,
  });
  const { host, port } = page.address;
  log('info', `recent decisions are shown at https://${host.includes(':') ? `[${host}]` : host}:${port}/`);
  return page;
}

/** Port 0 is for tests and those who read the line that tells the port. */
export function listenAddress(text: string): ListenAddress {
  const free = /^(.*:)?0$/.exec(text);
  if (!free) return parseListenAddress(text);
  return { ...parseListenAddress(`${free[1] ?? ''}1`), port: 0 };
}

/** Whether who listens at one of them leaves no room at the other; `::` takes the addresses of IPv4, too. */
function isTakenBy(one: ListenAddress, other: ListenAddress): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  const covers = (any: string, host: string): boolean => any === '::' || (any === '0.0.0.0' && isIPv4(host));
  return one.host === other.host || covers(one.host, other.host) || covers(other.host, one.host);
}

async function isOpenToOthers(path: string): Promise<boolean> {
  try {
    return ((await stat(path)).mode & 0o004) !== 0;
  } catch {
    return false; // whoever reads it says what is wrong
  }
}

function conflict(message: string, hint: string): ConfigError {
  return new ConfigError('CONFLICT', message, { hint });
}
