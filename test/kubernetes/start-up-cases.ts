import type { FaultId } from '../../src/control-plane/index.js';

/** A set-up with one thing changed, and what a real API server makes of it. */
export interface StartUpCase {
  /** As in the recording of start-ups, where it is there. */
  readonly setting: string;
  readonly area: 'ImagePolicyWebhook' | 'static manifests';
  readonly starts: boolean;
  /** What must be found; nothing: no error. */
  readonly fault?: FaultId;
  readonly severity: 'error' | 'warning' | 'note' | undefined;
  /** What the server's last words mean, if that is less than what the files show. */
  readonly words?: FaultId;
  /** Of the folder, in which `{dir}` stands for it; nothing: the file is not there. */
  readonly files: Readonly<Record<string, string | undefined>>;
  readonly flags: readonly string[];
  /** The folder it starts in. */
  readonly workingFolder: string;
}

const kubeconfigText = `apiVersion: v1
kind: Config
clusters:
- name: w
  cluster:
    server: https://localhost:8443/image-policy
    certificate-authority: {dir}/pki/ca.crt
users:
- name: api
  user:
    client-certificate: {dir}/pki/client.crt
    client-key: {dir}/pki/client.key
contexts:
- name: c
  context:
    cluster: w
    user: api
current-context: c
`;

const settings: Readonly<Record<string, string>> = {
  kubeConfigFile: '{dir}/kc.yaml',
  allowTTL: '30',
  denyTTL: '10',
  retryBackoff: '500',
  defaultAllow: 'false',
};

function imagePolicy(
  changed: Readonly<Record<string, string | undefined>> = {},
  indent = '',
  key = 'imagePolicy',
): string {
  const all = Object.entries({ ...settings, ...changed }).filter(([, value]) => value !== undefined);
  return [`${indent}${key}:`, ...all.map(([name, value]) => `${indent}  ${name}: ${value}`), ''].join('\n');
}

const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n';
const entry = (below: string): string => `- name: ImagePolicyWebhook\n${below}`;
const inline = (text: string): string => `${head}plugins:\n${entry(`  configuration:\n${text}`)}`;
const good = inline(imagePolicy({}, '    '));

const enable = '--enable-admission-plugins=NodeRestriction,ImagePolicyWebhook';
const configFlag = '--admission-control-config-file={dir}/ac.yaml';

type Change = Partial<Omit<StartUpCase, 'setting' | 'starts' | 'fault' | 'severity' | 'area'>>;

function make(
  setting: string,
  starts: boolean,
  found: readonly [FaultId, StartUpCase['severity']] | undefined,
  change: Change,
): StartUpCase {
  return {
    setting,
    area: 'ImagePolicyWebhook',
    starts,
    ...(found === undefined ? {} : { fault: found[0] }),
    severity: found?.[1],
    flags: change.flags ?? [enable, configFlag],
    workingFolder: change.workingFolder ?? '/',
    ...(change.words === undefined ? {} : { words: change.words }),
    files: { 'ac.yaml': good, 'kc.yaml': kubeconfigText, ...change.files },
  };
}

const fails = (setting: string, fault: FaultId, change: Change): StartUpCase =>
  make(setting, false, [fault, 'error'], change);
const works = (setting: string, change: Change): StartUpCase => make(setting, true, undefined, change);
const warned = (
  setting: string,
  fault: FaultId,
  change: Change,
  severity: StartUpCase['severity'] = 'warning',
): StartUpCase => make(setting, true, [fault, severity], change);

const ac = (text: string): Change => ({ files: { 'ac.yaml': text } });
const policy = (changed: Readonly<Record<string, string | undefined>>): Change =>
  ac(inline(imagePolicy(changed, '    ')));
const kc = (from: string, to: string): Change => {
  if (!kubeconfigText.includes(from)) throw new Error(`no ${from}`);
  return { files: { 'kc.yaml': kubeconfigText.replace(from, to) } };
};
const second = (text: string | undefined, path = '{dir}/ip.yaml'): Change => ({
  files: {
    'ac.yaml': `${head}plugins:\n${entry(`  path: ${path}\n`)}`,
    ...(text === undefined ? {} : { 'ip.yaml': text }),
  },
});

const ttlCases = ['allowTTL', 'denyTTL'].flatMap((name): StartUpCase[] => [
  fails(`${name} 1801`, 'ttl-range', policy({ [name]: '1801' })),
  make(`${name} 1800`, true, ['ttl-long', 'note'], policy({ [name]: '1800' })),
  works(`${name} 1`, policy({ [name]: '1' })),
  fails(`${name} -2`, 'ttl-range', policy({ [name]: '-2' })),
  fails(`${name} 5m`, 'ttl-type', policy({ [name]: '5m' })),
  fails(`${name} 1.5`, 'ttl-type', policy({ [name]: '1.5' })),
  fails(`${name} "30"`, 'ttl-type', policy({ [name]: '"30"' })),
  works(`${name} 0`, policy({ [name]: '0' })),
]);

const noConfiguration = { words: 'no-configuration' } as const;
const noConfig = { words: 'no-config-specified' } as const;

/** Every recorded start-up with ImagePolicyWebhook, as files and flags. */
export const imagePolicyCases: readonly StartUpCase[] = [
  ...ttlCases,
  works('retryBackoff -1', policy({ retryBackoff: '-1' })),
  works('retryBackoff 0', policy({ retryBackoff: '0' })),
  works('retryBackoff 1', policy({ retryBackoff: '1' })),
  warned('retryBackoff 300000', 'backoff-long', policy({ retryBackoff: '300000' })),
  fails('retryBackoff 300001', 'backoff-range', policy({ retryBackoff: '300001' })),
  fails('retryBackoff -2', 'backoff-range', policy({ retryBackoff: '-2' })),
  fails('retryBackoff 500ms', 'backoff-type', policy({ retryBackoff: '500ms' })),
  fails('defaultAllow "true"', 'default-allow-type', policy({ defaultAllow: '"true"' })),
  warned('defaultAllow yes', 'default-allow', policy({ defaultAllow: 'yes' })),
  fails('defaultAllow 1', 'default-allow-type', policy({ defaultAllow: '1' })),
  warned('defaultAllow True', 'default-allow', policy({ defaultAllow: 'True' })),
  fails(
    'kubeConfigFile names a file that does not exist',
    'file-missing',
    policy({ kubeConfigFile: '{dir}/nope.yaml' }),
  ),
  fails('kubeConfigFile absent', 'kubeconfig-not-named', {
    ...policy({ kubeConfigFile: undefined }),
    ...noConfiguration,
  }),
  fails('kubeConfigFile empty', 'kubeconfig-not-named', { ...policy({ kubeConfigFile: '""' }), ...noConfiguration }),
  warned(
    'kubeconfigFile instead of kubeConfigFile (accepted: keys are read without regard to case)',
    'setting-spelling',
    policy({ kubeConfigFile: undefined, kubeconfigFile: '{dir}/kc.yaml' }),
    'note',
  ),
  warned('an unknown field under imagePolicy (silently ignored)', 'setting-unknown', policy({ alowTTL: '30' })),
  warned(
    'imagepolicy: instead of imagePolicy: (accepted)',
    'setting-spelling',
    ac(inline(imagePolicy({}, '    ', 'imagepolicy'))),
    'note',
  ),
  fails('imagePolicyWebhook: instead of imagePolicy:', 'image-policy-missing', {
    ...ac(inline(imagePolicy({}, '    ', 'imagePolicyWebhook'))),
    ...noConfiguration,
  }),
  fails('kubeconfig without current-context', 'no-current-context', {
    ...kc('current-context: c\n', ''),
    ...noConfiguration,
  }),
  fails('current-context names no context', 'context-unknown', kc('current-context: c', 'current-context: zz')),
  fails('kubeconfig is an empty file', 'kubeconfig-empty', { files: { 'kc.yaml': '' }, ...noConfiguration }),
  fails('kubeconfig is not YAML', 'yaml-broken', { files: { 'kc.yaml': '[}' } }),
  fails('certificate-authority names no file', 'file-missing', kc('{dir}/pki/ca.crt', '{dir}/pki/nope.crt')),
  fails('client-certificate and client-key name no files', 'file-missing', {
    files: { 'kc.yaml': kubeconfigText.replaceAll('/pki/client.', '/pki/nope.') },
  }),
  warned(
    'client-key does not belong to client-certificate',
    'client-key-of-another',
    kc('pki/client.key', 'pki/other.key'),
    'error',
  ),
  fails('certificate-authority is not PEM', 'ca-not-pem', { files: { 'pki/ca.crt': 'not a certificate\n' } }),
  fails(
    'insecure-skip-tls-verify: true beside certificate-authority',
    'insecure-beside-ca',
    kc('certificate-authority:', 'insecure-skip-tls-verify: true\n    certificate-authority:'),
  ),
  warned(
    'insecure-skip-tls-verify: true, no CA',
    'certificate-unchecked',
    kc('certificate-authority: {dir}/pki/ca.crt', 'insecure-skip-tls-verify: true'),
  ),
  fails('cluster.server empty', 'server-missing', kc('https://localhost:8443/image-policy', '""')),
  warned('server: http://..., plain HTTP server behind it', 'server-plain-http', kc('https://', 'http://')),
  warned('the same without CA and client certificate', 'server-plain-http', {
    files: {
      'kc.yaml': kubeconfigText
        .replace('https://', 'http://')
        .replaceAll(/^ +(?:certificate|client).*\n/gm, '')
        .replace('user:\ncontexts', 'user: {}\ncontexts'),
    },
  }),
  fails('server: host:port/path', 'server-without-scheme', kc('https://localhost', 'localhost')),
  warned(
    'server: host:port',
    'server-without-scheme',
    kc('https://localhost:8443/image-policy', 'localhost:8443'),
    'error',
  ),
  works('server URL with a query', kc('/image-policy', '/image-policy?x=1')),
  warned('server URL without a path', 'server-without-path', kc('/image-policy', '')),
  fails('plugin enabled, no --admission-control-config-file', 'config-flag-missing', { flags: [enable], ...noConfig }),
  fails('file has other plugins only', 'plugin-entry-missing', {
    ...ac(
      `${head}plugins:\n- name: PodSecurity\n  configuration:\n    apiVersion: pod-security.admission.config.k8s.io/v1\n    kind: PodSecurityConfiguration\n`,
    ),
    ...noConfig,
  }),
  fails('plugins: []', 'plugin-entry-missing', { ...ac(`${head}plugins: []\n`), ...noConfig }),
  fails('entry with a name alone', 'plugin-entry-empty', { ...ac(`${head}plugins:\n${entry('')}`), ...noConfig }),
  fails('path: ""', 'plugin-entry-empty', { ...ac(`${head}plugins:\n${entry('  path: ""\n')}`), ...noConfig }),
  fails('configuration: {}', 'image-policy-missing', {
    ...ac(`${head}plugins:\n${entry('  configuration: {}\n')}`),
    ...noConfiguration,
  }),
  works("path: relative (taken from the file's folder)", second(imagePolicy(), 'ip.yaml')),
  works(
    'path: absolute, JSON',
    second(JSON.stringify({ imagePolicy: { kubeConfigFile: '{dir}/kc.yaml', allowTTL: 30 } })),
  ),
  fails('path: names no file', 'file-missing', second(undefined)),
  fails('path: names a file that is an AdmissionConfiguration itself', 'image-policy-missing', {
    ...second(good),
    ...noConfiguration,
  }),
  warned('configuration and a path that does not exist', 'plugin-path-unused', ac(`${good}  path: {dir}/nope.yaml\n`)),
  fails('configuration with a missing kubeconfig and a good path', 'file-missing', {
    files: {
      'ac.yaml': `${inline(imagePolicy({ kubeConfigFile: '{dir}/nope.yaml' }, '    '))}  path: {dir}/ip.yaml\n`,
      'ip.yaml': imagePolicy(),
    },
  }),
  fails(
    'imagePolicy: beside name: instead of under configuration:',
    'image-policy-misplaced',
    ac(`${head}plugins:\n${entry(imagePolicy({}, '  '))}`),
  ),
  fails(
    'two entries of the plugin, the first one wrong',
    'ttl-range',
    ac(`${inline(imagePolicy({ allowTTL: '1801' }, '    '))}${entry(`  configuration:\n${imagePolicy({}, '    ')}`)}`),
  ),
  warned(
    'two entries of the plugin, the second one wrong (the first counts)',
    'plugin-entry-twice',
    ac(`${good}${entry(`  configuration:\n${imagePolicy({ allowTTL: '1801' }, '    ')}`)}`),
  ),
  fails('unknown field at the top', 'configuration-unknown-field', ac(`${good}foo: bar\n`)),
  fails('unknown field in the plugin entry', 'configuration-unknown-field', ac(`${good}  foo: bar\n`)),
  fails('name: ImagePolicyWebHook', 'plugin-entry-misspelt', {
    ...ac(good.replace('name: ImagePolicyWebhook', 'name: ImagePolicyWebHook')),
    ...noConfig,
  }),
  fails('--admission-control-config-file names no file', 'file-missing', {
    flags: [enable, '--admission-control-config-file={dir}/nofile.yaml'],
  }),
  fails('empty file', 'configuration-empty', ac('')),
  fails('wrong indentation', 'yaml-broken', ac(good.replace('kind: Adm', '  kind: Adm'))),
  fails('a tab', 'yaml-tab', ac(good.replace('- name: Image', '\t- name: Image'))),
  fails('kind: admissionConfiguration', 'configuration-kind', ac(good.replace('kind: Adm', 'kind: adm'))),
  fails('apiVersion: apiserver.config.k8s.io/v2', 'configuration-kind', ac(good.replace('k8s.io/v1', 'k8s.io/v2'))),
  warned(
    'apiserver.k8s.io/v1alpha1',
    'configuration-old-version',
    ac(good.replace('apiserver.config.k8s.io/v1', 'apiserver.k8s.io/v1alpha1')),
    'note',
  ),
  fails('apiserver.config.k8s.io/v1alpha1', 'configuration-kind', ac(good.replace('k8s.io/v1', 'k8s.io/v1alpha1'))),
  fails('apiserver.config.k8s.io/v1beta1', 'configuration-kind', ac(good.replace('k8s.io/v1', 'k8s.io/v1beta1'))),
  fails('apiserver.k8s.io/v1', 'configuration-kind', ac(good.replace('apiserver.config.k8s.io', 'apiserver.k8s.io'))),
  warned(
    'legacy JSON form given directly',
    'configuration-legacy-form',
    ac(
      JSON.stringify({
        imagePolicy: { kubeConfigFile: '{dir}/kc.yaml', allowTTL: 30, denyTTL: 10, defaultAllow: false },
      }),
    ),
    'note',
  ),
  warned('legacy YAML form given directly', 'configuration-legacy-form', ac(imagePolicy()), 'note'),
  fails(
    'kind without apiVersion',
    'configuration-kind',
    ac(good.replace('apiVersion: apiserver.config.k8s.io/v1\n', '')),
  ),
  warned(
    'two YAML documents (the second is not read)',
    'several-documents',
    ac(`${good}---\n${good.replace('allowTTL: 30', 'allowTTL: 1801')}`),
  ),
  warned('kubeConfigFile relative, working directory is its folder', 'path-relative', {
    ...policy({ kubeConfigFile: 'kc.yaml' }),
    workingFolder: '{dir}',
  }),
  fails('kubeConfigFile relative, working directory is /', 'file-missing', policy({ kubeConfigFile: 'kc.yaml' })),
  works('relative file names inside the kubeconfig (taken from its folder)', {
    files: { 'kc.yaml': kubeconfigText.replaceAll('{dir}/', '') },
  }),
  warned('plugin not enabled (the file is ignored)', 'plugin-not-enabled', { flags: [configFlag] }, 'error'),
  warned(
    'plugin not enabled, broken configuration (not noticed)',
    'plugin-not-enabled',
    { ...policy({ allowTTL: '1801' }), flags: [configFlag] },
    'error',
  ),
  fails('--enable-admission-plugins=ImagePolicy', 'plugin-unknown', {
    flags: ['--enable-admission-plugins=ImagePolicy', configFlag],
  }),
  fails('--enable-admission-plugins=imagepolicywebhook', 'plugin-unknown', {
    flags: ['--enable-admission-plugins=imagepolicywebhook', configFlag],
  }),
  works('flag given twice, NodeRestriction first (they add up)', {
    flags: ['--enable-admission-plugins=NodeRestriction', '--enable-admission-plugins=ImagePolicyWebhook', configFlag],
  }),
  works('flag given twice, ImagePolicyWebhook first', {
    flags: ['--enable-admission-plugins=ImagePolicyWebhook', '--enable-admission-plugins=NodeRestriction', configFlag],
  }),
  fails('--enable-admission-plugins="NodeRestriction, ImagePolicyWebhook"', 'plugin-list-blank', {
    flags: ['--enable-admission-plugins=NodeRestriction, ImagePolicyWebhook', configFlag],
  }),
  fails('named in --enable- and --disable-admission-plugins', 'plugin-disabled', {
    flags: [enable, '--disable-admission-plugins=ImagePolicyWebhook', configFlag],
  }),
  warned(
    '--admission-control=ImagePolicyWebhook (deprecated, works; it replaces all defaults)',
    'admission-control-flag',
    {
      flags: ['--admission-control=ImagePolicyWebhook', configFlag],
    },
  ),
  warned(
    '--runtime-config=imagepolicy.k8s.io/v1alpha1=true (not needed)',
    'runtime-config-not-needed',
    { flags: [enable, configFlag, '--runtime-config=imagepolicy.k8s.io/v1alpha1=true'] },
    'note',
  ),
];

const encoded = (text: string): string => Buffer.from(text).toString('base64');

/** Start-ups that are not in the recording. */
export const furtherCases: readonly StartUpCase[] = [
  warned('the context names no user of the file', 'user-unknown', kc('user: api', 'user: zz')),
  fails('the context names no cluster of the file', 'cluster-unknown', {
    ...kc('cluster: w\n', 'cluster: zz\n'),
    words: 'no-configuration',
  }),
  fails('certificate-authority-data is PEM, not base64 of it', 'data-not-base64', {
    ...kc('certificate-authority: {dir}/pki/ca.crt', 'certificate-authority-data: "-----BEGIN CERTIFICATE-----"'),
  }),
  fails('certificate-authority-data is base64 of something else', 'ca-not-pem', {
    ...kc('certificate-authority: {dir}/pki/ca.crt', `certificate-authority-data: ${encoded('nothing')}`),
  }),
  fails(
    'client-certificate without client-key',
    'client-key-missing',
    kc('    client-key: {dir}/pki/client.key\n', ''),
  ),
  fails('token and user name', 'credentials-twice', {
    files: {
      'kc.yaml': kubeconfigText.replace(
        / {4}client-cert[^]*?client\.key/,
        '    token: abc\n    username: u\n    password: p',
      ),
    },
  }),
  fails(
    'auth-provider',
    'auth-provider',
    kc('client-certificate:', 'auth-provider: {name: gcp}\n    client-certificate:'),
  ),
  fails('a kubeconfig of another kind', 'kubeconfig-kind', kc('kind: Config', 'kind: Pod')),
  fails(
    'a list of strings for a name',
    'configuration-field-type',
    ac(good.replace('name: ImagePolicyWebhook', 'name: [a]')),
  ),
  fails('a repeated key in the AdmissionConfiguration', 'repeated-key', ac(`${good}kind: AdmissionConfiguration\n`)),
  warned(
    'a repeated key in the kubeconfig',
    'repeated-key',
    kc('current-context: c', 'current-context: zz\ncurrent-context: c'),
  ),
  warned('a byte order mark', 'byte-order-mark', ac(`\ufeff${good}`), 'note'),
  warned(
    'lines of Windows',
    'windows-lines',
    { files: { 'ac.yaml': good.replaceAll('\n', '\r\n'), 'kc.yaml': kubeconfigText.replaceAll('\n', '\r\n') } },
    'note',
  ),
  warned(
    'a misspelt field of the kubeconfig',
    'kubeconfig-unknown-field',
    kc('    server:', '    tls_server_name: x\n    server:'),
  ),
  fails('imagePolicy with its settings beside it', 'image-policy-indentation', {
    ...ac(good.replaceAll(/^ {6}(?=\w+:)/gm, '    ')),
    words: 'no-configuration',
  }),
  fails('a misspelt flag', 'unknown-flag', { flags: ['--enable-admission-plugin=ImagePolicyWebhook', configFlag] }),
  works('quotes around a name in the flag', { flags: ['--enable-admission-plugins="ImagePolicyWebhook"', configFlag] }),
  fails('quotes around all names in the flag', 'plugin-unknown', {
    flags: ['--enable-admission-plugins="NodeRestriction,ImagePolicyWebhook"', configFlag],
  }),
  fails('quotes around the path in the flag', 'file-missing', {
    flags: [enable, '--admission-control-config-file="{dir}/ac.yaml"'],
    workingFolder: '{dir}',
  }),
  warned(
    'client-certificate is not PEM',
    'client-certificate-not-pem',
    { files: { 'pki/client.crt': 'nothing\n' } },
    'error',
  ),
  warned(
    'credentials from a program',
    'exec-credentials',
    kc(
      'client-certificate:',
      'exec: {apiVersion: client.authentication.k8s.io/v1, command: /nope, interactiveMode: Never}\n    client-certificate:',
    ),
  ),
  fails('a token file that is not there', 'file-missing', {
    files: { 'kc.yaml': kubeconfigText.replace(/ {4}client-cert[^]*?client\.key/, '    tokenFile: {dir}/nope') },
  }),
  fails('a proxy that is no URL', 'proxy-invalid', kc('    server:', '    proxy-url: "::"\n    server:')),
  warned('a port that is none', 'server-invalid', kc('8443', '99999'), 'error'),
  warned('a server with a blank', 'server-invalid', kc('/image-policy', '/image policy')),
  warned('another scheme', 'server-invalid', kc('https://', 'ftp://'), 'error'),
  works('HTTPS in capitals', kc('https://', 'HTTPS://')),
  warned('a relative path of the AdmissionConfiguration', 'path-relative', {
    flags: [enable, '--admission-control-config-file=ac.yaml'],
    workingFolder: '{dir}',
  }),
  fails(
    'insecure-skip-tls-verify as a text',
    'kubeconfig-field-type',
    kc('    server:', '    insecure-skip-tls-verify: "true"\n    server:'),
  ),
  fails('clusters as a mapping', 'kubeconfig-field-type', kc('clusters:\n- name: w', 'clusters:\n  name: w')),
  warned(
    'kind and imagePolicy',
    'configuration-legacy-form',
    ac(`kind: AdmissionConfiguration\n${imagePolicy()}`),
    'note',
  ),
  warned(
    'an unknown version and imagePolicy',
    'configuration-legacy-form',
    ac(`apiVersion: x/v1\nkind: AdmissionConfiguration\n${imagePolicy()}`),
    'note',
  ),
  fails('a known version and imagePolicy', 'configuration-unknown-field', ac(`${head}${imagePolicy()}`)),
  fails('the old form with another spelling', 'configuration-kind', ac(imagePolicy({}, '', 'imagepolicy'))),
  fails('kubeConfigFile is a folder', 'file-is-folder', policy({ kubeConfigFile: '{dir}/pki' })),
  fails(
    'a list in place of the settings',
    'configuration-field-type',
    ac(`${head}plugins:\n${entry('  configuration:\n    imagePolicy: []\n')}`),
  ),
  fails('kubeConfigFile is a number', 'file-missing', policy({ kubeConfigFile: '7' })),
  fails(
    'a token that is a number',
    'kubeconfig-field-type',
    kc('client-certificate:', 'token: 123\n    client-certificate:'),
  ),
  fails('a name that is a number', 'kubeconfig-field-type', kc('- name: c\n', '- name: 7\n')),
  works('a token alone', {
    files: { 'kc.yaml': kubeconfigText.replace(/ {4}client-cert[^]*?client\.key/, '    token: abc') },
  }),
];
