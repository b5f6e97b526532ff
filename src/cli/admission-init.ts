import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError, type Settings } from '../config/index.js';
import { isErrno } from '../core/index.js';
import {
  asksImagePolicy,
  changesApiServer,
  checkPolicyForCluster,
  clientName,
  filesFolder,
  k3sConfigurationFile,
  k3sOwnFile,
  nodePath,
  presentImagePolicy,
  readK3s,
  readManifest,
  serverNames,
  setupParts,
  setupReadme,
  tryNamesOf,
  type K3sFiles,
  type NamedText,
  type SetupPart,
  type SetupPlan,
} from '../control-plane/index.js';
import { loadPolicy } from '../policy/index.js';
import { applySetup, manifestOn, rollBack, type Applied } from './admission-apply.js';
import {
  makeCertificates,
  type CertificateRequest,
  type KeyPair,
  type SetupCertificates,
} from './admission-certificates.js';
import { writeSetupFile } from './admission-files.js';
import { readPlan } from './admission-init-plan.js';
import { CliError } from './cli-error.js';
import type { CommandArguments, CommandContext, Outcome } from './command.js';
import { exitCodes } from './exit-codes.js';
import { readPolicyText } from './policy-file.js';

/** Runs `tidewaiter admission init`. */
export async function initAdmission(context: CommandContext, { settings }: CommandArguments): Promise<Outcome> {
  const folder = resolve(needed(settings, 'out', 'a folder to write into'));
  if (settings.isOn('rollback')) return await takeBack(context, folder);
  const path = needed(settings, 'policy', 'the policy that will decide');
  const text = await readPolicyText(path);
  const policy = await loadPolicy(text, path);
  const plan = readPlan(settings);
  const apply = settings.isOn('apply');
  if (apply && plan.topology === 'in-cluster') {
    throw new ConfigError('CONFLICT', 'what runs in the cluster is applied with kubectl, not with --apply', {
      hint: 'leave --apply out, and do what README.md in the folder says',
    });
  }
  checkPolicyForCluster(plan, policy, context.now());
  const root = resolve(settings.text('root') ?? '/');
  const manifest = await readPresentManifest(settings, plan, root);
  const k3s = apply && plan.flavour === 'k3s' && changesApiServer(plan) ? await readPresentK3s(root) : undefined;
  const configuration = await readPresentConfiguration(settings, plan, { manifest, k3s, root });
  const certificates = await makeCertificates({
    names: serverNames(plan),
    clientName,
    now: context.now(),
    kept: settings.isOn('force') ? undefined : await keptPairs(folder),
  });
  const authorityKey = certificates.authority.key;
  const parts = setupParts({
    plan,
    policy: text,
    rules: policy,
    now: context.now(),
    authority: certificates.authority.certificate,
    authorityBase64: Buffer.from(certificates.authority.certificate).toString('base64'),
    server: certificates.server,
    client: certificates.client,
    folder,
    manifest,
    k3s,
    configuration,
  });
  await writeAll(context, folder, [
    ...parts,
    ...(authorityKey === undefined ? [] : [{ name: 'ca.key', text: authorityKey, isSecret: true as const }]),
    { name: 'README.md', text: setupReadme(plan, policy.name, tryNamesOf(policy, context.now())) },
  ]);
  tell(context, plan, certificates);
  tellReplaced(context, plan, configuration);
  if (!apply) {
    return {
      exitCode: exitCodes.pass,
      resultLine: `result: pass: written to ${folder}; README.md there says how to go on`,
    };
  }
  const applied = await applySetup({
    plan,
    parts,
    folder,
    root,
    manifest: settings.text('manifest'),
    unproven: settings.isOn('skip-check'),
    authority: certificates.authority.certificate,
  });
  return appliedOutcome(context, plan, applied);
}

function needed(settings: Settings, name: string, what: string): string {
  const text = settings.text(name);
  if (text !== undefined && text !== '') return text;
  throw new CliError('MISSING_ARGUMENT', `--${name} is missing: ${what}`, { hint: `add --${name}` });
}

async function takeBack(context: CommandContext, folder: string): Promise<Outcome> {
  const paths = await rollBack(folder);
  for (const path of paths) context.log('info', `as it was before: ${path}`);
  const count = `${paths.length} ${paths.length === 1 ? 'file is' : 'files are'}`;
  const isK3s = paths.some((path) => path.includes(k3sConfigurationFile));
  const next = isK3s ? 'now systemctl restart k3s' : 'wait for kubectl get --raw /readyz';
  return {
    exitCode: exitCodes.pass,
    resultLine: `result: pass: ${count} as before; ${next}`,
  };
}

/** Only what kubeadm made is edited, and only where it was named, or is to be put in place. */
async function readPresentManifest(settings: Settings, plan: SetupPlan, root: string): Promise<NamedText | undefined> {
  const named = settings.text('manifest');
  if (plan.flavour === 'k3s' || !changesApiServer(plan)) return undefined;
  if (named === undefined && !settings.isOn('apply')) return undefined;
  const path = manifestOn(root, named);
  return { path, text: await readPolicyText(path, 'manifest of the API server') };
}

/** In the order in which k3s reads them, without what an earlier run has put there. */
async function readPresentK3s(root: string): Promise<K3sFiles> {
  const folder = join(root, `${k3sConfigurationFile}.d`);
  const names = (await keptNames(folder)).filter((name) => /\.ya?ml$/i.test(name) && name !== k3sOwnFile);
  const paths = [k3sConfigurationFile, ...names.sort().map((name) => `${k3sConfigurationFile}.d/${name}`)];
  const read = async (path: string): Promise<readonly NamedText[]> => {
    const there = await keptText(join(root, path));
    return there === undefined ? [] : [{ path, text: await readPolicyText(join(root, path), 'configuration of k3s') }];
  };
  const configurations: NamedText[] = [];
  for (const path of paths) configurations.push(...(await read(path)));
  const [unit] = await read('/etc/systemd/system/k3s.service');
  return { configurations, unit };
}

async function keptNames(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

interface Present {
  readonly manifest: NamedText | undefined;
  readonly k3s: K3sFiles | undefined;
  readonly root: string;
}

/** The one that was named, or that the API server reads now; our own of an earlier run says nothing new. */
async function readPresentConfiguration(
  settings: Settings,
  plan: SetupPlan,
  { manifest, k3s, root }: Present,
): Promise<NamedText | undefined> {
  const named = settings.text('admission-config');
  const what = 'AdmissionConfiguration';
  if (named !== undefined) return { path: resolve(named), text: await readPolicyText(named, what) };
  if (k3s !== undefined) {
    const { configuration: path } = readK3s(k3s);
    return path === undefined ? undefined : { path, text: await readPolicyText(join(root, path), what) };
  }
  if (manifest === undefined) return undefined;
  const { configuration: path, hostPath } = readManifest(manifest.text, manifest.path);
  if (path === undefined) return undefined;
  const onNode = join(root, hostPath(path) ?? path);
  // Our own of a manifest that was edited, and whose files are not in place yet.
  if (path === nodePath(plan, 'admission-configuration.yaml') && (await keptText(onNode)) === undefined)
    return undefined;
  // Relative paths in it are those that the API server sees.
  return { path, text: await readPolicyText(onNode, what) };
}

async function keptPairs(folder: string): Promise<NonNullable<CertificateRequest['kept']>> {
  const pair = async (name: string): Promise<KeyPair | undefined> => {
    const certificate = await keptText(join(folder, filesFolder, `${name}.crt`));
    const key = await keptText(join(folder, filesFolder, `${name}.key`));
    // A key alone gets a new certificate.
    return key === undefined ? undefined : { certificate: certificate ?? '', key };
  };
  const certificate = await keptText(join(folder, filesFolder, 'ca.crt'));
  const key = await keptText(join(folder, 'ca.key'));
  if (certificate === undefined && key !== undefined) {
    const what = `${join(folder, 'ca.key')} is there, and its certificate ${filesFolder}/ca.crt is not`;
    throw new CliError('OUTPUT_NOT_WRITABLE', what, {
      hint: 'put the certificate back, name another folder, or make all keys anew with --force',
    });
  }
  const authority = certificate === undefined ? undefined : { certificate, key };
  const [server, client] = [await pair('server'), await pair('apiserver-client')];
  if (authority === undefined && (server ?? client) !== undefined) {
    throw new CliError('OUTPUT_NOT_WRITABLE', `there are keys in ${folder}, and ${filesFolder}/ca.crt is not there`, {
      hint: 'put it back, name another folder, or make all keys anew with --force',
    });
  }
  return { authority, server, client };
}

async function keptText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

async function writeAll(context: CommandContext, folder: string, parts: readonly SetupPart[]): Promise<void> {
  for (const part of parts) {
    const became = await writeSetupFile(folder, part);
    await context.terminal.write(`${became.padEnd(9)} ${join(folder, part.name)}\n`);
  }
}

function tell(context: CommandContext, { defaultAllow, form }: SetupPlan, { made }: SetupCertificates): void {
  for (const one of made) context.log('info', `new: ${one}`);
  if (defaultAllow && form !== 'validating') {
    context.log('warn', 'every image is admitted while the webhook does not answer (--default-allow)');
  }
}

/** An API server asks one image policy webhook: another one that is there is told of before it is gone. */
function tellReplaced(context: CommandContext, plan: SetupPlan, configuration: NamedText | undefined): void {
  if (configuration === undefined || !asksImagePolicy(plan)) return;
  const there = presentImagePolicy(configuration.text, configuration.path);
  if (there === undefined || there === nodePath(plan, 'kubeconfig.yaml')) return;
  context.log('warn', `the image policy webhook that ${configuration.path} names (${there}) is not asked any more`);
}

function appliedOutcome(context: CommandContext, plan: SetupPlan, applied: Applied): Outcome {
  for (const path of applied.paths) context.log('info', `put in place: ${path}`);
  if (applied.state === 'waiting') {
    const start =
      plan.topology === 'systemd'
        ? 'systemctl daemon-reload; systemctl enable --now image-admission'
        : 'the kubelet starts it';
    return {
      exitCode: exitCodes.incomplete,
      resultLine: `result: incomplete: the webhook does not answer on port ${plan.port} yet (${applied.why}), so the API server keeps its flags; start it (${start}) and run this again`,
    };
  }
  const count = `${applied.paths.length} ${applied.paths.length === 1 ? 'file is' : 'files are'}`;
  return { exitCode: exitCodes.pass, resultLine: `result: pass: ${count} new or changed; --rollback takes all back` };
}
