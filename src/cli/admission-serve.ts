import { createHash } from 'node:crypto';
import { readTicketKey, type BreakGlass } from '../admission/index.js';
import { ConfigError, readUserBytes, type Settings } from '../config/index.js';
import { messageOf } from '../core/index.js';
import type { OpaKeys } from '../opa/index.js';
import { loadPolicy, needsOf, type Policy } from '../policy/index.js';
import {
  AdmissionMetrics,
  openAdmissionOpa,
  openAdmissionScans,
  readTlsFiles,
  RecordLog,
  serveAdmission,
  Watched,
  type AdmissionServer,
  type AdmissionServerOptions,
  type NamedPolicy,
  type OpaService,
  type ScanService,
} from '../server/index.js';
import { checkManifestRules } from '../subjects/index.js';
import { plainBreakGlass } from './admission-plain.js';
import { listenAddress, openPage } from './admission-page.js';
import { cacheDirOf } from './cache-dir.js';
import { CliError } from './cli-error.js';
import type { CommandArguments, CommandContext, Outcome } from './command.js';
import { exitCodes } from './exit-codes.js';
import { openFirstSeen } from './first-seen.js';
import { checkTokenUse, opaKeyPaths, readOpaKeys } from './opa-access.js';
import { readPolicyText } from './policy-file.js';
import { watchRegistryAccess } from './watched-registry.js';
import { openPullSecrets } from './pull-secret-source.js';

const graceMs = 20_000;

/** `tidewaiter admission serve`: serves until a signal ends it. */
export async function serveAdmissionCommand(context: CommandContext, { settings }: CommandArguments): Promise<Outcome> {
  const log = serviceLog(context);
  const [policy, tls, breakGlass] = await openFiles(settings, log);
  if (tls.value.ca === undefined) log('warn', 'without --client-ca everybody who reaches the port is answered');
  for (const warning of tls.value.warnings) log('warn', warning);
  const metrics = new AdmissionMetrics();
  const scans = settings.isOn('no-scan') ? undefined : await openScans(context, settings, metrics, policy.value.policy);
  if (!scans && policy.value.policy.rules.some(({ check }) => needsOf(check).includes('scan'))) {
    log('warn', 'the policy has rules over scans, and with --no-scan they are incomplete for every image');
  }
  if (!scans && settings.text('pull-secrets') === 'cluster') log('warn', 'with --no-scan no pull secret is read');
  const opa = await openOpa(context, settings, metrics);
  const auditLog = await openRecords(context, settings);
  const page = await openPage(settings, { policy, tls, breakGlass, scans, opa, records: auditLog, metrics }, log);
  const server = await serveAdmission({
    address: listenAddress(settings.text('listen') ?? ''),
    tls,
    policy,
    breakGlass,
    exemptNamespaces: new Set(settings.list('exempt-namespaces')),
    clients: clientRules(settings, tls.value.ca !== undefined),
    scans,
    opa,
    records: page?.records ?? auditLog,
    decisionMs: settings.number('decision-timeout') ?? 5000,
    maxBodyBytes: settings.number('max-body') ?? 0,
    log,
    metrics,
  }).catch(async (error: unknown) => {
    await page?.close();
    throw error;
  });
  const { host, port } = server.address;
  log('info', `listening on https://${host.includes(':') ? `[${host}]` : host}:${port}, policy ${policy.value.name}`);
  const signal = await served([server, ...(page ? [page] : [])], log);
  log('info', `shutting down (${signal})`);
  await server.close({ announceMs: settings.number('shutdown-delay') ?? 0, graceMs });
  await page?.close();
  await auditLog.close();
  await scans?.close();
  await opa.close();
  return { exitCode: exitCodes.pass, resultLine: `result: ended by ${signal}` };
}

type Log = AdmissionServerOptions['log'];

/** With the time, as services say things. */
function serviceLog(context: CommandContext): Log {
  return (level, message) => context.log(level, `${context.now().toISOString()} ${message}`);
}

async function openFiles(
  settings: Settings,
  log: Log,
): Promise<readonly [Watched<NamedPolicy>, AdmissionServerOptions['tls'], Watched<BreakGlass> | undefined]> {
  const policyPath = required(settings, 'policy');
  const certificate = required(settings, 'tls-cert');
  const key = required(settings, 'tls-key');
  const clientAuthorities = settings.text('client-ca');
  const policy = await Watched.open({
    what: 'the policy',
    paths: [policyPath],
    load: async () => {
      const named = await readNamedPolicy(policyPath);
      checkTokenUse(settings, [named.policy]);
      return named;
    },
    log,
  });
  const tls = await Watched.open({
    what: 'the certificates',
    paths: [certificate, key, ...(clientAuthorities === undefined ? [] : [clientAuthorities])],
    load: async () => await readTlsFiles({ certificate, key, clientAuthorities }),
    log,
  });
  const keyPaths = settings.list('break-glass-key');
  const plain = plainBreakGlass(settings, log);
  if (keyPaths.length === 0 && plain === undefined) return [policy, tls, undefined];
  const prefix = settings.text('break-glass-prefix') ?? 'tidewaiter';
  const breakGlass = await Watched.open({
    what: 'the keys of tickets',
    paths: keyPaths,
    load: async () => ({ prefix, keys: await Promise.all(keyPaths.map(readKey)), plain }),
    log,
  });
  return [policy, tls, breakGlass];
}

async function readNamedPolicy(path: string): Promise<NamedPolicy> {
  const text = await readPolicyText(path);
  const policy = checkManifestRules(await loadPolicy(text, path), path);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return { policy, name: `${policy.name}@${hash}` };
}

async function readKey(path: string): Promise<BreakGlass['keys'][number]> {
  const bytes = await readUserBytes(path, 'key');
  if (bytes) return readTicketKey(bytes, path);
  throw new ConfigError('FILE_NOT_FOUND', `there is no key ${path}`, { hint: 'name a file that exists' });
}

async function openScans(
  context: CommandContext,
  settings: Settings,
  metrics: AdmissionMetrics,
  policy: Policy,
): Promise<ScanService> {
  const { environment } = context;
  return openAdmissionScans({
    registry: await watchRegistryAccess(settings, environment, serviceLog(context)),
    firstSeen: openFirstSeen(context, settings, [policy]),
    environment,
    cacheDir: cacheDirOf(settings, environment),
    databasePath: settings.text('db'),
    platform: settings.text('platform'),
    scansAtOnce: settings.number('scans-at-once') ?? 2,
    scansWaiting: settings.number('scans-waiting') ?? 100,
    maxImageBytes: settings.number('max-image-size') || undefined,
    pullSecrets: await openPullSecrets(context, settings, metrics),
    metrics,
    log: (level, message) => context.log(level, message),
  });
}

async function openOpa(context: CommandContext, settings: Settings, metrics: AdmissionMetrics): Promise<OpaService> {
  const paths = opaKeyPaths(settings);
  const keys =
    paths.length === 0
      ? undefined
      : await Watched.open<OpaKeys>({
          what: 'the token and the authorities for OPA',
          paths,
          load: async () => await readOpaKeys(settings),
          log: serviceLog(context),
        });
  return openAdmissionOpa({
    keys,
    environment: context.environment,
    offline: settings.isOn('offline'),
    metrics,
  });
}

async function openRecords(context: CommandContext, settings: Settings): Promise<RecordLog> {
  const path = settings.text('audit-log') ?? '-';
  try {
    return await RecordLog.open({ path, complain: (message) => context.log('error', message) });
  } catch (cause) {
    throw new CliError('OUTPUT_NOT_WRITABLE', `cannot write the audit log ${path}: ${messageOf(cause)}`, {
      hint: 'name a file in a folder that exists',
      cause,
    });
  }
}

function clientRules(settings: Settings, asks: boolean): AdmissionServerOptions['clients'] {
  const names = new Set(settings.list('client-name'));
  if (names.size > 0 && !asks) {
    throw new ConfigError('CONFLICT', '--client-name needs --client-ca, which vouches for names', {
      hint: 'name the authorities of client certificates with --client-ca',
    });
  }
  return {
    imageReview: { required: asks, names },
    admissionReview: { required: asks && settings.text('client-auth') === 'all', names },
  };
}

function required(settings: Settings, name: string): string {
  const text = settings.text(name);
  if (text !== undefined) return text;
  throw new CliError('MISSING_ARGUMENT', `--${name} is missing`, { hint: 'see tidewaiter admission serve --help' });
}

/** Until a signal ends it; SIGHUP reads the files again. */
function served(servers: readonly Pick<AdmissionServer, 'reload'>[], log: Log): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const reload = (): void => {
      Promise.all(servers.map((server) => server.reload())).catch((error: unknown) =>
        log('error', `the files were not read again: ${messageOf(error)}`),
      );
    };
    process.on('SIGHUP', reload);
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.once(name, () => {
        process.off('SIGHUP', reload);
        // A second one ends the process at once.
        process.once(name, () => process.exit(name === 'SIGTERM' ? 143 : 130));
        resolve(name);
      });
    }
  });
}
