import { isIP } from 'node:net';
import type { Context } from '../core/index.js';
import {
  imagePolicyEntry,
  readAdmissionConfiguration,
  type AdmissionConfiguration,
} from './admission-configuration.js';
import type { ApiServer } from './api-server.js';
import { readCertificates } from './certificate.js';
import { checkServerCertificate, checkServerKey, type CheckAt } from './check-certificates.js';
import { askCluster } from './ask-cluster.js';
import { checkCommand, type AdmissionFlags } from './check-command.js';
import { checkConnection } from './check-connection.js';
import { checkKubeadm, findKubeadm } from './check-kubeadm.js';
import { checkTopology } from './check-topology.js';
import type { Cluster } from './cluster.js';
import { ControlPlaneError } from './errors.js';
import type { Examination, ExamineOptions, LiveTarget } from './examination.js';
import { explainLog } from './explain-log.js';
import { FaultList, quote, type Place } from './fault.js';
import { apiServerManifests, findApiServerFile, usualPlaces } from './find-setup.js';
import { folderOf, resolvePath } from './host.js';
import { readImagePolicy, type ImagePolicy } from './image-policy.js';
import { readKubeconfig } from './kubeconfig.js';
import type { LiveAnswer } from './live.js';
import { readApiServer } from './read-api-server.js';
import { findUser } from './users.js';
import { shownPieces, withPieces, type SetupFile } from './setup-pieces.js';
import { ServerFiles, type UnreadFile } from './server-files.js';
import { readDocument, type LocatedDocument } from './source-file.js';
import { checkOtherPlugins } from './static-manifests.js';
import { checkWebhookConfigurations, type ConfiguredWebhook } from './webhook-configuration.js';
import { isLoopback, readConnection, type WebhookConnection } from './webhook-connection.js';

/**
 * Follows a set-up from the command line of the API server to the webhook: flags, AdmissionConfiguration, kubeconfig,
 * certificates, connection; and every ValidatingWebhookConfiguration that is given.
 * @throws ControlPlaneError `NO_CONTROL_PLANE`
 */
export async function examine(context: Context, options: ExamineOptions): Promise<Examination> {
  const run = new Run(context, options);
  await run.all();
  const { faults, files, lookedAt, proofs, unread } = run;
  const explanations = options.log === undefined ? [] : explainLog(options.log);
  return { faults: faults.sorted(), explanations, unread: [...files.unread, ...unread], lookedAt, proofs };
}

class Run {
  readonly faults = new FaultList();
  readonly lookedAt: (readonly [string, string])[] = [];
  readonly proofs: LiveAnswer[] = [];
  readonly unread: UnreadFile[] = [];
  readonly #options: ExamineOptions;
  readonly #check: CheckAt;
  files: ServerFiles;
  #server: ApiServer | undefined;

  constructor(context: Context, options: ExamineOptions) {
    this.#options = options;
    this.#check = { now: context.now(), faults: this.faults };
    this.files = new ServerFiles(options.host, undefined, this.faults);
  }

  async all(): Promise<void> {
    const { webhookConfigurations = [] } = this.#options;
    const flags = await this.#readServer();
    const configuration = await this.#readConfiguration(flags);
    const policy = configuration && (await this.#readPolicy(configuration, flags));
    this.#noteAbsence(flags, configuration);
    if (policy?.defaultAllow === true && flags?.hasAuditLog === false) {
      this.faults.add('audit-log-missing', flags.place, { what: 'defaultAllow is true and there is no audit log' });
    }
    await this.#readKubeconfig(policy);
    for (const file of webhookConfigurations) {
      this.#saw('webhook configuration', file.path);
      for (const webhook of checkWebhookConfigurations(file.text, file.path, this.#check)) await this.#reach(webhook);
    }
    await this.#checkServerFiles(undefined);
    if (this.#options.cluster !== undefined) await this.#askCluster(this.#options.cluster);
  }

  async #askCluster(cluster: Cluster): Promise<void> {
    const { webhookConfigurations: files = [], dryRun, connect } = this.#options;
    this.#saw('cluster', cluster.address);
    const { answers, unread, webhooks } = await askCluster(cluster, { files, dryRun, connect, check: this.#check });
    for (const { webhook, dialledAs } of webhooks) {
      if (webhook.url === undefined) this.#saw('not asked from here', `${webhook.name}: ${dialledAs}`);
      else await this.#reach(webhook, dialledAs);
    }
    this.proofs.push(...answers);
    this.unread.push(...unread);
  }

  #noteAbsence(flags: AdmissionFlags | undefined, located: Located | undefined): void {
    if (flags === undefined || flags.enablesImagePolicy || (this.#options.webhookConfigurations ?? []).length > 0)
      return;
    if (located?.configuration.plugins.some(({ name }) => /^image/i.test(name)) === true) return;
    this.faults.add('image-policy-off', flags.place, { what: 'ImagePolicyWebhook is neither enabled nor configured' });
  }

  #saw(what: string, where: string): void {
    this.lookedAt.push([what, where]);
  }

  async #readServer(): Promise<AdmissionFlags | undefined> {
    const { host, apiServer, admissionConfiguration, kubeconfig, webhookConfigurations, serverCertificate, log } =
      this.#options;
    const named = [apiServer, admissionConfiguration, kubeconfig, serverCertificate, ...(webhookConfigurations ?? [])];
    const isNamed = this.#options.cluster !== undefined || named.some((file) => file !== undefined);
    const found = await this.#findServer();
    if (found === undefined) {
      if (isNamed || log !== undefined) return undefined;
      throw new ControlPlaneError('NO_CONTROL_PLANE', `no kube-apiserver is set up here: ${usualPlaces.join(', ')}`, {
        hint: 'run it on a control-plane node, name files with --manifest, --admission-config or --kubeconfig, or a log with --log',
      });
    }
    const shown = apiServer === undefined ? host.shown(found.path) : found.path;
    this.#saw('API server', shown);
    const pieces = found.pieces && shownPieces(host, found.pieces);
    for (const piece of [...(pieces?.dropIns ?? []), ...(pieces?.environment ?? [])])
      this.#saw('read with it', piece.path);
    const server = readApiServer(found.text, shown, this.faults, pieces);
    if (server === undefined) return undefined;
    const user = server.userName === undefined ? undefined : await findUser(host, server.userName);
    this.#server = user === undefined || user.userId === 0 ? server : { ...server, ...user };
    this.files = new ServerFiles(host, this.#server, this.faults);
    if (this.#server.kind === 'static pod') {
      await this.#checkNeighbours(found.path);
      await this.#checkKubeadm(this.#server);
    }
    return checkCommand(this.#server, this.faults);
  }

  async #findServer(): Promise<SetupFile | undefined> {
    const { host, apiServer, filesOnly } = this.#options;
    if (filesOnly === true) return apiServer;
    return apiServer === undefined ? await findApiServerFile(host) : await withPieces(host, apiServer);
  }

  async #checkKubeadm(server: ApiServer): Promise<void> {
    const { host, kubeadm, filesOnly } = this.#options;
    const found = kubeadm ?? (filesOnly === true ? undefined : await findKubeadm(host));
    if (found === undefined) return;
    const file = { text: found.text, path: kubeadm === undefined ? host.shown(found.path) : found.path };
    this.#saw('kubeadm', file.path);
    await checkKubeadm({ host, server, file }, this.faults);
  }

  async #checkNeighbours(path: string): Promise<void> {
    const { host, apiServer } = this.#options;
    if (apiServer !== undefined && !folderOf(path).endsWith('/manifests')) return;
    for (const other of await apiServerManifests(host, folderOf(path))) {
      if (other.path === path) continue;
      this.faults.add(
        'second-manifest',
        { file: host.shown(other.path), line: 1 },
        { what: `${host.shown(other.path)} is an API server too` },
      );
    }
  }

  /** The AdmissionConfiguration and its path in the API server's view. */
  async #readConfiguration(flags: AdmissionFlags | undefined): Promise<Located | undefined> {
    const { admissionConfiguration: named, filesOnly } = this.#options;
    const flag = flags?.configFile;
    const folder = this.#server?.workingFolder ?? '/';
    if (flag !== undefined && !flag.text.startsWith('/')) {
      this.faults.add('path-relative', flag.place, { what: `--admission-control-config-file is ${quote(flag.text)}` });
    }
    let read = named === undefined ? undefined : { path: named.path, file: named.path, text: named.text };
    if (flag !== undefined && filesOnly !== true) {
      const wanted = { path: flag.text, folder, place: flag.place, what: 'the AdmissionConfiguration' };
      const found = await this.files.read(wanted);
      if (found !== undefined && read !== undefined && found.text !== read.text) {
        this.faults.add('config-flag-elsewhere', flag.place, {
          what: `--admission-control-config-file names ${found.file}, which is not ${read.file}`,
        });
      }
      read ??= found;
    }
    if (read === undefined) return undefined;
    this.#saw('AdmissionConfiguration', read.file);
    const configuration = readAdmissionConfiguration(read.text, read.file, this.faults);
    if (configuration === undefined) return undefined;
    const path = flag === undefined || named !== undefined ? read.path : resolvePath(folder, flag.text);
    if (filesOnly !== true) {
      await checkOtherPlugins(configuration, {
        ...this.#check,
        files: this.files,
        path,
        hasGate: flags?.hasStaticManifestGate === true,
        knowsCommand: flags !== undefined,
      });
    }
    return { configuration, path };
  }

  async #readPolicy(
    { configuration, path }: Located,
    flags: AdmissionFlags | undefined,
  ): Promise<ImagePolicy | undefined> {
    const isOn = flags?.enablesImagePolicy;
    const hasOthers = configuration.plugins.some(({ name }) => !/image/i.test(name));
    const hasEntry = configuration.plugins.some(({ name }) => /^image/i.test(name));
    if (isOn !== true && !hasEntry && (hasOthers || isOn === false)) return undefined;
    const entry = imagePolicyEntry(configuration, this.faults);
    if (isOn === false && entry !== undefined && this.#server !== undefined) {
      this.faults.add('plugin-not-enabled', flags?.place ?? this.#server.place, {
        what: '--enable-admission-plugins does not name ImagePolicyWebhook, which is configured',
      });
    }
    if (entry === undefined) return undefined;
    const document = entry.configuration ?? (await this.#secondFile(entry.path, path));
    return document && readImagePolicy(document, this.faults);
  }

  async #secondFile(
    named: { readonly text: string; readonly place: Place } | undefined,
    configuration: string,
  ): Promise<LocatedDocument | undefined> {
    if (named === undefined || this.#options.filesOnly === true) return undefined;
    const file = await this.files.read({
      path: named.text,
      folder: folderOf(configuration),
      place: named.place,
      what: 'the configuration of ImagePolicyWebhook',
    });
    if (file === undefined) return undefined;
    this.#saw('imagePolicy', file.file);
    return readDocument(file.text, file.file, { empty: 'image-policy-missing' }, this.faults);
  }

  async #readKubeconfig(policy: ImagePolicy | undefined): Promise<void> {
    const { kubeconfig: named, filesOnly } = this.#options;
    const found =
      named === undefined
        ? await this.#namedKubeconfig(policy)
        : { path: named.path, file: named.path, text: named.text, view: named.path };
    if (found === undefined) return;
    this.#saw('kubeconfig', found.file);
    const kubeconfig = readKubeconfig(found.text, found.file, this.faults);
    if (kubeconfig === undefined) return;
    const connection = await readConnection(kubeconfig, {
      ...this.#check,
      files: this.files,
      path: found.view,
      filesOnly: filesOnly === true,
    });
    if (connection === undefined) return;
    this.#saw('webhook', `${connection.url.origin}${connection.url.pathname}`);
    if (filesOnly !== true) {
      await checkTopology({ connection, policy, server: this.#server, host: this.#options.host }, this.faults);
    }
    await this.#checkServerFiles(connection);
    await this.#tryOut({ protocol: 'ImageReview', connection, timeoutSeconds: 30 });
  }

  async #namedKubeconfig(
    policy: ImagePolicy | undefined,
  ): Promise<
    { readonly path: string; readonly file: string; readonly text: string; readonly view: string } | undefined
  > {
    const name = policy?.kubeConfigFile;
    if (name === undefined || this.#options.filesOnly === true) return undefined;
    if (!name.text.startsWith('/')) {
      this.faults.add('path-relative', name.place, { what: `kubeConfigFile is ${quote(name.text)}` });
    }
    const folder = this.#server?.workingFolder ?? '/';
    const view = resolvePath(folder, name.text);
    const file = await this.files.read({ path: name.text, folder, place: name.place, what: 'the kubeconfig' });
    return file && { ...file, view };
  }

  /** The webhook's certificate as a file, against the name that is dialled and the CA that is given. */
  async #checkServerFiles(connection: WebhookConnection | undefined): Promise<void> {
    const { serverCertificate: file, serverKey } = this.#options;
    if (
      file === undefined ||
      (connection === undefined && this.lookedAt.some(([what]) => what === 'webhook certificate'))
    )
      return;
    this.#saw('webhook certificate', file.path);
    const place = { file: file.path };
    const chain = readCertificates(file.text) ?? [];
    const [leaf] = chain;
    if (leaf === undefined) {
      this.faults.add('server-usage', place, { what: 'there is no certificate in PEM in it', fix: 'name a PEM file' });
      return;
    }
    if (serverKey !== undefined)
      checkServerKey(leaf, { pem: serverKey.text, place: { file: serverKey.path } }, this.faults);
    const host = connection?.serverName ?? leaf.dnsNames[0] ?? leaf.addresses[0] ?? leaf.commonName ?? '';
    const isAddress = connection?.isAddress ?? isIP(host) !== 0;
    checkServerCertificate({ chain, place, host, isAddress, authorities: connection?.authorities }, this.#check);
  }

  async #reach({ url, caPem, place, timeoutSeconds }: ConfiguredWebhook, dialledAs?: string): Promise<void> {
    if (url === undefined) return;
    const serverName = dialledAs ?? url.hostname.replace(/^\[|\]$/g, '');
    const connection: WebhookConnection = {
      url,
      place,
      serverName,
      isAddress: /^[\d.]+$|:/.test(serverName),
      caPem,
      authorities: caPem === undefined ? undefined : readCertificates(caPem),
      insecure: false,
      certificate: undefined,
      key: undefined,
      authorization: undefined,
      proxy: undefined,
    };
    this.#saw('webhook', `${url.origin}${url.pathname}`);
    await this.#tryOut({ protocol: 'AdmissionReview', connection, timeoutSeconds });
  }

  async #tryOut(target: LiveTarget): Promise<void> {
    const { connect, prove, filesOnly } = this.#options;
    if (
      connect !== true ||
      filesOnly === true ||
      (target.connection.proxy !== undefined && !isLoopback(target.connection.url.hostname))
    )
      return;
    const isReached = await checkConnection(target.connection, this.#check);
    if (isReached && prove !== undefined) this.proofs.push(...(await prove(target, this.faults)));
  }
}

interface Located {
  readonly configuration: AdmissionConfiguration;
  readonly path: string;
}
