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
  const page = await openAdmissionPage({
    address: listenAddress(listen),
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

function conflict(message: string, hint: string): ConfigError {
  return new ConfigError('CONFLICT', message, { hint });
}
