import { mountFix, type KnownWords, type Told } from './known-words.js';

/** The words of policies and webhooks that lie on the disk of the control plane. */
export function staticManifestWords(): readonly KnownWords[] {
  const end = { ends: true } as const;
  const named = ([, file, name]: readonly (string | undefined)[]): Told => ({
    file,
    what: `the name ${JSON.stringify(name)} is not allowed there`,
  });
  return [
    {
      id: 'feature-gate-off',
      words: /staticManifestsDir requires the ManifestBasedAdmissionControlConfig feature gate/,
      tell: () => ({ field: '--feature-gates' }),
      ...end,
    },
    {
      id: 'static-folder-relative',
      words: /staticManifestsDir: Invalid value: "([^"]{0,1000})": must be an absolute file path/,
      tell: ([, file]) => ({ file, field: 'staticManifestsDir' }),
      ...end,
    },
    {
      id: 'static-folder-missing',
      words: /staticManifestsDir: Invalid value: "([^"]{0,1000})": unable to read/,
      tell: ([, file]) => ({
        file,
        field: 'staticManifestsDir',
        what: `the folder ${file} is not there`,
        fix: mountFix(file),
      }),
      ...end,
    },
    {
      id: 'plugin-kubeconfig-relative',
      words: /kubeConfigFile: Invalid value: "([^"]{0,1000})": must be an absolute file path/,
      tell: ([, file]) => ({ file, field: 'kubeConfigFile' }),
      ...end,
    },
    {
      id: 'static-manifest-name',
      words: /error loading (\S{1,1000}): "([^"]{0,300})" in file "[^"]{1,1000}" must have a name ending with/,
      tell: named,
      ...end,
    },
    {
      id: 'static-manifest-name',
      words: /error loading (\S{1,1000}): binding "[^"]{0,300}": spec\.policyName "([^"]{0,300})" must end with/,
      tell: named,
      ...end,
    },
    {
      id: 'static-manifest-parameters',
      words: /error loading (\S{1,1000}): \w{0,60} ?"[^"]{0,300}": spec\.(paramKind|paramRef) is not supported/,
      tell: ([, file, field]) => ({ file, field: `spec.${field}` }),
      ...end,
    },
    {
      id: 'static-manifest-policy-missing',
      words: /references policy "([^"]{0,300})" which does not exist in the manifest directory/,
      tell: ([, policy]) => ({ field: 'spec.policyName', what: `the policy ${policy} is not in the folder` }),
      ...end,
    },
    {
      id: 'static-manifest-name-twice',
      words: /error loading (\S{1,1000}): duplicate name "([^"]{0,300})" found in file/,
      tell: ([, file, name]) => ({ file, what: `the name ${name} stands twice` }),
      ...end,
    },
    {
      id: 'static-manifest-kind',
      words:
        /error loading (\S{1,1000}): (unsupported resource type [^\s"]{1,200}|no kind "[^"]{0,100}" is registered for version "[^"]{0,100}")/,
      tell: ([, file, why]) => ({ file, what: why }),
      ...end,
    },
    {
      id: 'static-manifest-service',
      words: /\(file "([^"]{1,1000})"\): clientConfig\.service is not supported/,
      tell: ([, file]) => ({ file, field: 'clientConfig.service' }),
      ...end,
    },
    {
      id: 'static-manifest-comment',
      words: /error loading (\S{1,1000}): Object 'Kind' is missing in '\s*#/,
      tell: ([, file]) => ({ file }),
      ...end,
    },
    {
      id: 'static-manifest-field',
      words: /error loading (\S{1,1000}): strict decoding error: unknown field "([^"]{1,200})"/,
      tell: ([, file, field]) => ({ file, field, what: `the field ${field} is not known` }),
      ...end,
    },
    {
      id: 'static-manifest-expression',
      words:
        /error loading (\S{1,1000}): \w{1,60} "[^"]{1,300}": (\S{1,200}): Invalid value: [^]{0,2000}?compilation failed/,
      tell: ([, file, field]) => ({ file, field, what: `the expression at ${field} cannot be compiled` }),
      ...end,
    },
    {
      id: 'static-manifest-broken',
      words:
        /(?:failed to load static \w{1,20} manifests from "[^"]{1,1000}": |"reloading manifest config" err=")error loading (\S{1,1000}): ([^"]{1,400})/,
      tell: ([, file, why]) => ({ file, what: why }),
      ...end,
    },
  ];
}
