import { mountFix, type KnownWords } from './known-words.js';
import { staticManifestWords } from './static-manifest-words.js';

/** Words with which an API server ends at its start. In order: of several that fit a message the first is meant. */
export const startWords: readonly KnownWords[] = [
  {
    id: 'file-forbidden',
    words: /(?:stat|open) (\S{1,1000}): permission denied/,
    tell: ([, file]) => ({ file, what: `the API server may not read ${file}` }),
    ends: true,
  },
  {
    id: 'plugin-list-blank',
    words: /enable-admission-plugins plugin "( [^"]{0,80}|[^"]{0,80} )" is unknown/,
    tell: ([, name]) => ({
      field: '--enable-admission-plugins',
      what: `the list names ${JSON.stringify(name)}, with a blank`,
    }),
    ends: true,
  },
  {
    id: 'plugin-unknown',
    words: /(enable|disable)-admission-plugins plugin "([^"]{0,80})"? ?is unknown/,
    tell: ([, which, name]) => ({
      field: `--${which}-admission-plugins`,
      what: `there is no plugin ${JSON.stringify(name)}`,
    }),
    ends: true,
  },
  {
    id: 'plugin-disabled',
    words: /\[([^\]]{0,200})\] in enable-admission-plugins and disable-admission-plugins overlapped/,
    tell: ([, names]) => ({ field: '--disable-admission-plugins', what: `${names} is enabled and disabled` }),
    ends: true,
  },
  {
    id: 'unknown-flag',
    words: /unknown flag: (--[\w-]{1,80})/,
    tell: ([, flag]) => ({ field: flag, what: `${flag} is no flag of kube-apiserver` }),
    ends: true,
  },
  {
    id: 'file-missing',
    words: /unable to read admission control configuration from "(?:\\?")?([^"\\]{1,1000})/,
    tell: ([, file]) => ({
      file,
      field: '--admission-control-config-file',
      what: `${file} is not there for the API server`,
      fix: mountFix(file),
    }),
    ends: true,
  },
  {
    id: 'file-missing',
    words: /Couldn't open admission plugin configuration ([^:\s]{1,1000}):/,
    tell: ([, file]) => ({ file, field: 'path', what: `path names ${file}, which is not there`, fix: mountFix(file) }),
    ends: true,
  },
  {
    id: 'image-policy-misplaced',
    words: /strict decoding error:[^]{0,200}? ?unknown field "(plugins\[\d{1,4}\]\.imagePolicy)"/,
    tell: ([, field]) => ({ field }),
    ends: true,
  },
  ...staticManifestWords(),
  {
    id: 'repeated-key',
    words: /failed to read plugin config: strict decoding error:[^"]{0,200}"([^"]{1,100})" already set in map/,
    tell: ([, field]) => ({ field, what: `the key ${JSON.stringify(field)} stands twice` }),
    ends: true,
  },
  {
    id: 'configuration-unknown-field',
    words: /failed to read plugin config: strict decoding error:[^"]{0,200}unknown field "([^"]{1,200})"/,
    tell: ([, field]) => ({ field, what: `the field ${JSON.stringify(field)} is not known` }),
    ends: true,
  },
  {
    id: 'configuration-empty',
    words: /failed to read plugin config: Object 'Kind' is missing in ''/,
    tell: () => ({ what: 'the AdmissionConfiguration is empty' }),
    ends: true,
  },
  {
    id: 'configuration-kind',
    words: /failed to read plugin config: Object '(Kind|apiVersion)' is missing/,
    tell: ([, field]) => ({
      field: field === 'Kind' ? 'kind' : field,
      what: `${field === 'Kind' ? 'kind' : field} is missing`,
    }),
    ends: true,
  },
  {
    id: 'configuration-kind',
    words: /failed to read plugin config: no kind "([^"]{0,100})" is registered for version "([^"]{0,100})"/,
    tell: ([, kind, version]) => ({ field: 'kind', what: `there is no ${kind} of ${version}` }),
    ends: true,
  },
  {
    id: 'plugin-configuration-kind',
    words: /couldn't init admission plugin "([^"]{1,80})": no kind "([^"]{0,100})" is registered/,
    tell: ([, plugin, kind]) => ({ field: 'kind', what: `the configuration of ${plugin} has the kind ${kind}` }),
    ends: true,
  },
  {
    id: 'yaml-tab',
    words: /failed to read plugin config: [^]{0,100}?line (\d{1,7}): found character that cannot start any token/,
    tell: ([, line]) => ({ what: `line ${line} of the AdmissionConfiguration begins with a tab` }),
    ends: true,
  },
  {
    id: 'yaml-broken',
    words: /failed to read plugin config: (?:error converting YAML to JSON: )?(yaml: [^"]{1,300})/,
    tell: ([, why]) => ({ what: `the AdmissionConfiguration is no YAML: ${why}` }),
    ends: true,
  },
  {
    id: 'configuration-field-type',
    words: /failed to read plugin config: (json: cannot unmarshal [^"]{1,300})/,
    tell: ([, why]) => ({ what: `the AdmissionConfiguration has a value of another type: ${why}` }),
    ends: true,
  },
  {
    id: 'no-config-specified',
    words: /couldn't init admission plugin "ImagePolicyWebhook": no config specified/,
    ends: true,
  },
  {
    id: 'no-configuration',
    words: /no configuration has been provided, try setting KUBERNETES_MASTER/,
    ends: true,
  },
  {
    id: 'context-unknown',
    words: /context was not found for specified context: ([^,\]"]{1,200})/,
    tell: ([, name]) => ({ field: 'current-context', what: `there is no context ${name}` }),
    ends: true,
  },
  {
    id: 'cluster-unknown',
    words: /cluster "([^"]{0,200})" does not exist/,
    tell: ([, name]) => ({ field: 'contexts[].context.cluster', what: `there is no cluster ${JSON.stringify(name)}` }),
    ends: true,
  },
  {
    id: 'user-unknown',
    words: /auth info "([^"]{0,200})" does not exist/,
    tell: ([, name]) => ({ field: 'contexts[].context.user', what: `there is no user ${JSON.stringify(name)}` }),
    ends: true,
  },
  {
    id: 'server-missing',
    words: /no server found for cluster "([^"]{0,200})"|cluster has no server defined/,
    tell: ([, name]) => ({ field: 'clusters[].cluster.server', what: `the cluster ${name ?? ''} has no server` }),
    ends: true,
  },
  {
    id: 'file-missing',
    words: /unable to read (certificate-authority|client-cert|client-key) (\S{1,1000}) for \S{1,200} due to open/,
    tell: ([, field, file]) => ({
      file,
      field: field === 'client-cert' ? 'client-certificate' : field,
      what: `the file ${file} of the kubeconfig is not there for the API server`,
      fix: mountFix(file),
    }),
    ends: true,
  },
  {
    id: 'ca-bundle-invalid',
    words: /failed calling webhook "([^"]{1,300})": could not get REST client: unable to load root certificates/,
    tell: ([, name]) => ({
      field: 'webhooks[].clientConfig.caBundle',
      what: `the caBundle of ${name} holds no certificate in PEM`,
    }),
  },
  {
    id: 'ca-not-pem',
    words: /unable to load root certificates: unable to parse bytes as PEM block/,
    tell: () => ({ field: 'certificate-authority', what: 'the CA of the kubeconfig is not PEM' }),
    ends: true,
  },
  {
    id: 'insecure-beside-ca',
    words: /specifying a root certificates file with the insecure flag is not allowed/,
    tell: () => ({ field: 'insecure-skip-tls-verify' }),
    ends: true,
  },
  {
    id: 'server-without-scheme',
    words: /host must be a URL or a host:port pair: "([^"]{0,500})"/,
    tell: ([, server]) => ({ field: 'clusters[].cluster.server', what: `server is ${JSON.stringify(server)}` }),
    ends: true,
  },
  {
    id: 'client-key-missing',
    words:
      /client-key-data or client-key must be specified for (\S{1,200}) to use the clientCert authentication method/,
    tell: ([, user]) => ({ field: 'client-key', what: `the user ${user} has a certificate and no key` }),
    ends: true,
  },
  {
    id: 'credentials-twice',
    words: /more than one authentication method found|username\/password or bearer token may be set, but not both/,
    tell: () => ({ field: 'users[].user' }),
    ends: true,
  },
  {
    id: 'auth-provider',
    words: /[Nn]o Auth Provider found for name "?([^"\s]{0,100})|The (\w{1,40}) auth plugin has been removed/,
    tell: ([, one, other]) => ({ field: 'auth-provider', what: `there is no auth provider ${one ?? other}` }),
    ends: true,
  },
  {
    id: 'data-not-base64',
    words: /illegal base64 data at input byte \d{1,9}/,
    tell: () => ({ what: 'a field that ends in -data is no base64' }),
    ends: true,
  },
  {
    id: 'client-certificate-not-pem',
    words: /failed to find any PEM data in (certificate|key) input/,
    tell: ([, which]) => ({
      field: which === 'key' ? 'client-key' : 'client-certificate',
      what: `the client ${which} is not PEM`,
    }),
  },
  {
    id: 'ttl-range',
    words: /valid value is between 1s and 30m0s, got (-?[\dhms.µun]{1,40})/,
    tell: ([, value]) => ({ field: 'allowTTL or denyTTL', what: `allowTTL or denyTTL comes to ${value}` }),
    ends: true,
  },
  {
    id: 'backoff-range',
    words: /valid value is between 1ns and 5m0s, got (-?[\dhms.µun]{1,40})/,
    tell: ([, value]) => ({ field: 'retryBackoff', what: `retryBackoff comes to ${value}` }),
    ends: true,
  },
  {
    id: 'ttl-type',
    words:
      /cannot unmarshal (\w{1,20}(?: [-\d.eE+]{1,40})?) into Go struct field \S{1,100}\.(allowTTL|denyTTL) of type/,
    tell: ([, is, field]) => ({ field, what: `${field} is a ${is}, not a whole number` }),
    ends: true,
  },
  {
    id: 'backoff-type',
    words: /cannot unmarshal (\w{1,20}(?: [-\d.eE+]{1,40})?) into Go struct field \S{1,100}\.(retryBackoff) of type/,
    tell: ([, is, field]) => ({ field, what: `${field} is a ${is}, not a whole number` }),
    ends: true,
  },
  {
    id: 'default-allow-type',
    words: /cannot unmarshal (\w{1,20}) into Go struct field \S{1,100}\.(defaultAllow) of type/,
    tell: ([, is, field]) => ({ field, what: `${field} is a ${is}, not true or false` }),
    ends: true,
  },
  {
    id: 'configuration-field-type',
    words: /couldn't init admission plugin "ImagePolicyWebhook": (json: cannot unmarshal [^"]{1,300})/,
    tell: ([, why]) => ({ what: why }),
    ends: true,
  },
  {
    id: 'kubeconfig-field-type',
    words:
      /error loading config file "([^"]{1,1000})": json: cannot unmarshal (\w{1,20}) into Go struct field (\S{1,200}) of type/,
    tell: ([, file, is, field]) => ({ file, field, what: `${field} is a ${is}` }),
    ends: true,
  },
  {
    id: 'file-is-folder',
    words: /error loading config file "([^"]{1,1000})": read \S{1,1000}: is a directory/,
    tell: ([, file]) => ({ file, field: 'kubeConfigFile', what: `${file} is a folder` }),
    ends: true,
  },
  {
    id: 'proxy-invalid',
    words: /invalid 'proxy-url' "([^"]{0,300})" for cluster/,
    tell: () => ({ field: 'proxy-url', what: 'proxy-url is no URL' }),
    ends: true,
  },
  {
    id: 'kubeconfig-kind',
    words: /error loading config file "([^"]{1,1000})": (no kind "[^"]{0,100}" is registered[^"]{0,40})/,
    tell: ([, file, why]) => ({ file, what: `the kubeconfig has another kind: ${why}` }),
    ends: true,
  },
  {
    id: 'yaml-broken',
    words: /error loading config file "([^"]{1,1000})": ([^"]{1,300})/,
    tell: ([, file, why]) => ({ file, what: `the kubeconfig cannot be read: ${why}` }),
    ends: true,
  },
  {
    id: 'file-missing',
    words: /couldn't init admission plugin "[^"]{1,80}": (?:stat|open) (\S{1,1000}): no such file or directory/,
    tell: ([, file]) => ({
      file,
      field: 'kubeConfigFile',
      what: `the kubeconfig ${file} is not there for the API server`,
      fix: file?.startsWith('/') === false ? 'write the absolute path in kubeConfigFile' : mountFix(file),
    }),
    ends: true,
  },
  {
    id: 'port-taken',
    words: /failed to create listener: [^"]{1,200}address already in use/,
    ends: true,
  },
  {
    id: 'etcd-unreachable',
    words:
      /error creating storage factory|etcd failed: reason withheld|Error while dialing: dial tcp \S{1,100}:(?:2379|2381)/,
  },
  {
    id: 'other-file-missing',
    words: /"command failed" err="[^"]{0,300}open (\S{1,1000}): no such file or directory/,
    tell: ([, file]) => ({ file, what: `${file} is not there for the API server` }),
    ends: true,
  },
  {
    id: 'plugin-failed',
    words: /(?:couldn't init|failed to initialize) admission plugin "([^"]{1,80})": ([^\n]{1,400})/,
    tell: ([, plugin, why]) => ({ what: `${plugin}: ${why}` }),
    ends: true,
  },
];
