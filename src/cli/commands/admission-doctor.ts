import { resolve } from 'node:path';
import { ConfigError, readUserStream, type Settings } from '../../config/index.js';
import type { Cluster, Examination, ExamineOptions, NamedFile } from '../../control-plane/index.js';
import { isErrno, messageOf } from '../../core/index.js';
import type { Command, CommandArguments, CommandContext, Outcome } from '../command.js';
import { doctorOptions } from '../doctor-options.js';
import { countsOf, doctorJson, doctorTable } from '../doctor-table.js';
import { exitCodes } from '../exit-codes.js';
import { writeOutput } from '../output.js';
import { readTextArgument } from '../read-argument.js';
import { formatOption } from '../shown-options.js';
import { painter } from '../terminal.js';
import { version } from '../version.js';

/** `tidewaiter admission doctor`: what is wrong with a set-up of image admission, where, and what to do about it. */
export const admissionDoctor: Command = {
  positionals: [],
  options: [...doctorOptions, formatOption],
  examples: [
    { line: 'tidewaiter admission doctor', does: 'on a control-plane node: all that is set up there' },
    {
      line: 'tidewaiter admission doctor --live --allow-image registry.example.com/app:1 --deny-image docker.io/x/y:1',
      does: 'and then ask the webhook, as the API server does',
    },
    {
      line: 'journalctl -u kubelet -u kube-apiserver | tidewaiter admission doctor --log -',
      does: 'what the last words of an API server mean that does not start',
    },
    {
      line: 'tidewaiter admission doctor --files-only --admission-config admission.yaml --kubeconfig kubeconfig.yaml',
      does: 'files that are not in place yet',
    },
    {
      line: 'tidewaiter admission doctor --cluster-kubeconfig ~/.kube/config --live --allow-image registry.example.com/app:1 --deny-image docker.io/x/y:1',
      does: 'have the API server itself decide, by dry runs',
    },
    {
      line: 'kubectl get validatingwebhookconfigurations -o yaml > hooks.yaml; tidewaiter admission doctor --webhook-config hooks.yaml',
      does: 'webhooks of the cluster',
    },
  ],
  notes: [
    'Nothing is changed. Files are followed as the API server does, through the mounts of its pod; without --offline, and only\nwhere --root is /, the webhook is connected to.',
    'Exit code 0: no errors; 1: errors, each with file, line and fix; 3: something that is there could not be read; 4: there is\nno API server set up here and nothing was named.',
  ],
  run,
};

async function run(context: CommandContext, { settings }: CommandArguments): Promise<Outcome> {
  const log = settings.text('log');
  const options = await optionsOf(context, settings);
  const cluster = await openedCluster(context, settings);
  const examination = await examined(context, options, cluster);
  const text =
    settings.text('format') === 'json'
      ? doctorJson(examination)
      : doctorTable(examination, log === '-' ? 'standard input' : log, painter(context.terminal.colors.stdout));
  await writeOutput([text], undefined, context.terminal);
  return outcomeOf(examination, settings.isOn('live'));
}

async function optionsOf(context: CommandContext, settings: Settings): Promise<ExamineOptions> {
  const { openHost, proveLive } = await import('../../control-plane/index.js');
  const root = resolve(settings.text('root') ?? '/');
  const host = openHost(root);
  const top = await host.look('/');
  if (top.kind !== 'folder') {
    throw new ConfigError('INVALID_VALUE', `${settings.origin('root')}: ${root} is no folder`, {
      hint: 'name the folder that stands for / of the machine',
    });
  }
  const live = settings.isOn('live');
  const allow = settings.list('allow-image');
  const deny = settings.list('deny-image');
  if (!live && allow.length + deny.length > 0) {
    throw new ConfigError('CONFLICT', '--allow-image and --deny-image say what to ask with --live', {
      hint: 'add --live',
    });
  }
  const asksNothing = settings.isOn('offline') || settings.isOn('files-only');
  if (live && asksNothing) {
    throw new ConfigError('CONFLICT', '--live connects, which --offline and --files-only forbid', {
      hint: 'leave one out',
    });
  }
  const namespace = settings.text('namespace') ?? 'default';
  const named = (option: string, what: string): Promise<NamedFile | undefined> =>
    readNamed(settings.text(option), what);
  return {
    host,
    apiServer: await named('manifest', "API server's manifest"),
    admissionConfiguration: await named('admission-config', 'AdmissionConfiguration'),
    kubeadm: await named('kubeadm-config', 'configuration of kubeadm'),
    kubeconfig: await named('kubeconfig', 'kubeconfig'),
    serverCertificate: await named('server-cert', 'certificate'),
    serverKey: await named('server-key', 'key'),
    webhookConfigurations: await readAll(settings.list('webhook-config')),
    log: await readLog(settings.text('log')),
    filesOnly: settings.isOn('files-only'),
    connect: !asksNothing && (root === '/' || live),
    dryRun: live ? { allow, deny, namespace } : undefined,
    prove: live
      ? (target, faults) =>
          proveLive(context, target, { userAgent: `tidewaiter/${version}`, allow, deny, namespace }, faults)
      : undefined,
  };
}

async function examined(
  context: CommandContext,
  options: ExamineOptions,
  cluster: Cluster | undefined,
): Promise<Examination> {
  const { examine } = await import('../../control-plane/index.js');
  try {
    return await examine(context, { ...options, cluster });
  } finally {
    await cluster?.close();
  }
}

async function openedCluster(context: CommandContext, settings: Settings): Promise<Cluster | undefined> {
  const path = settings.text('cluster-kubeconfig');
  if (path === undefined) return undefined;
  if (settings.isOn('offline') || settings.isOn('files-only')) {
    throw new ConfigError('CONFLICT', '--cluster-kubeconfig connects, which --offline and --files-only forbid', {
      hint: 'leave one out',
    });
  }
  const { openCluster, openHost } = await import('../../control-plane/index.js');
  const kubeconfig = path === 'in-cluster' ? undefined : await readNamed(path, 'kubeconfig');
  return openCluster(context, {
    userAgent: `tidewaiter/${version}`,
    host: openHost('/'),
    kubeconfig,
    environment: context.environment,
  });
}

async function readNamed(path: string | undefined, what: string): Promise<NamedFile | undefined> {
  return path === undefined ? undefined : { path: resolve(path), text: await readTextArgument(path, what) };
}

async function readAll(paths: readonly string[]): Promise<readonly NamedFile[]> {
  const files: NamedFile[] = [];
  for (const path of paths) {
    files.push({ path: resolve(path), text: await readTextArgument(path, 'webhook configuration') });
  }
  return files;
}

async function readLog(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  if (path === '-') return new TextDecoder().decode(await readUserStream(process.stdin, 'log on standard input'));
  const { readLogFile } = await import('../../control-plane/index.js');
  try {
    return (await readLogFile(path)).text;
  } catch (cause) {
    const isMissing = isErrno(cause, 'ENOENT');
    throw new ConfigError(
      isMissing ? 'FILE_NOT_FOUND' : 'FILE_INVALID',
      `cannot read the log ${path}: ${messageOf(cause)}`,
      {
        hint: 'name a file that exists',
        cause,
      },
    );
  }
}

function outcomeOf(examination: Examination, isLive: boolean): Outcome {
  const { errors, warnings, notes } = countsOf(examination);
  const counted = `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}, ${notes} ${notes === 1 ? 'note' : 'notes'}`;
  const [unread] = examination.unread;
  if (errors > 0) return { exitCode: exitCodes.verdictFails, resultLine: `result: ${counted}` };
  if (unread !== undefined) {
    return {
      exitCode: exitCodes.incomplete,
      resultLine: `result: incomplete: ${unread.file} could not be read; ${counted}`,
    };
  }
  if (isLive && examination.proofs.length === 0) {
    const why = 'there is no webhook whose address can be dialled from here';
    return { exitCode: exitCodes.incomplete, resultLine: `result: incomplete: nothing was asked: ${why}; ${counted}` };
  }
  return { exitCode: exitCodes.pass, resultLine: `result: ${counted}` };
}
