import { catches, passes, pod } from '../../../test/support/manifest-tester.js';

const secure = (fields: string): string => pod(`securityContext: {${fields}}`);
const podSecure = (fields: string): string => pod('', `securityContext: {${fields}}`);
const adds = (names: string): string => secure(`capabilities: {add: [${names}]}`);
const hostPath = (path: string, mount = 'readOnly: false', more = ''): string =>
  pod(`volumeMounts: [{name: v, mountPath: /m, ${mount}}]`, `volumes: [{name: v, hostPath: {path: "${path}"${more}}}]`);
const image = (name: string, more = ''): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: app, image: "${name}"${more}}]}}`;
const env = (name: string, value: string): string => pod(`env: [{name: ${name}, value: ${JSON.stringify(value)}}]`);

catches('privileged-container', secure('privileged: true'), { line: 6, container: 'app' });
passes('privileged-container', secure('privileged: false'));
passes('privileged-container', pod(''));
passes('privileged-container', podSecure('privileged: true'));
catches('privileged-container', pod('', 'initContainers: [{name: i, image: i, securityContext: {privileged: true}}]'), {
  container: 'i',
});
catches(
  'privileged-container',
  pod('', 'ephemeralContainers: [{name: e, image: e, securityContext: {privileged: true}}]'),
  { container: 'e' },
);

catches('privilege-escalation-allowed', pod(''));
catches('privilege-escalation-allowed', secure('allowPrivilegeEscalation: true'));
catches('privilege-escalation-allowed', secure('allowPrivilegeEscalation: null'));
catches('privilege-escalation-allowed', secure('allowPrivilegeEscalation: false, privileged: true'));
catches(
  'privilege-escalation-allowed',
  secure('allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}'),
);
catches('privilege-escalation-allowed', podSecure('allowPrivilegeEscalation: false'));
catches('privilege-escalation-allowed', secure('allowPrivilegeEscalation: "false"'));
passes('privilege-escalation-allowed', secure('allowPrivilegeEscalation: false'));
passes('privilege-escalation-allowed', pod('', 'os: {name: windows}'));

catches('root-user', secure('runAsUser: 0'));
catches('root-user', podSecure('runAsUser: 0'));
catches('root-user', secure('runAsUser: 0, runAsNonRoot: true'));
passes('root-user', secure('runAsUser: 1'));
passes('root-user', pod('securityContext: {runAsUser: 5}', 'securityContext: {runAsUser: 0}'));
catches('root-user', pod('securityContext: {runAsUser: 0}', 'securityContext: {runAsUser: 5}'));

catches('root-user-possible', pod(''));
catches('root-user-possible', secure('runAsNonRoot: false'));
catches('root-user-possible', pod('securityContext: {runAsNonRoot: false}', 'securityContext: {runAsNonRoot: true}'));
catches('root-user-possible', secure('runAsNonRoot: "true"'));
passes('root-user-possible', secure('runAsNonRoot: true'));
passes('root-user-possible', podSecure('runAsNonRoot: true'));
passes('root-user-possible', secure('runAsUser: 1000'));

catches('user-from-image', secure('runAsNonRoot: true'));
passes('user-from-image', secure('runAsNonRoot: true, runAsUser: 20000'));
catches('low-user-id', secure('runAsUser: 10000'));
passes('low-user-id', secure('runAsUser: 10001'));
passes('low-user-id', secure('runAsUser: 0'));
catches('root-group', pod(''));
catches('root-group', secure('runAsGroup: 0'));
passes('root-group', secure('runAsGroup: 3'));
catches('low-group-id', podSecure('runAsGroup: 3'));
passes('low-group-id', podSecure('runAsGroup: 30000'));
catches('root-supplemental-group', podSecure('fsGroup: 0'));
catches('root-supplemental-group', podSecure('supplementalGroups: [5, 0]'));
passes('root-supplemental-group', podSecure('fsGroup: 5, supplementalGroups: [5]'));

catches('writable-root-filesystem', pod(''));
catches('writable-root-filesystem', secure('readOnlyRootFilesystem: false'));
passes('writable-root-filesystem', secure('readOnlyRootFilesystem: true'));

catches('takeover-capability', adds('SYS_ADMIN'));
catches('takeover-capability', adds('CAP_SYS_ADMIN'));
catches('takeover-capability', adds('cap_sys_admin'));
catches('takeover-capability', adds('sys_module'));
catches('takeover-capability', adds('ALL'));
catches('takeover-capability', adds('all, SYS_RAWIO'), { times: 2 });
passes('takeover-capability', secure('capabilities: {drop: [SYS_ADMIN]}'));
catches('dangerous-capability', adds('NET_ADMIN'));
catches('dangerous-capability', adds('CAP_SYS_PTRACE, dac_read_search, BPF'), { times: 3 });
passes('dangerous-capability', adds('CHOWN'));
catches('capability-added', adds('CHOWN'));
passes('capability-added', adds('NET_BIND_SERVICE'));
catches('unknown-capability', adds('SYSADMIN'));
catches('unknown-capability', adds('""'));
passes('unknown-capability', adds('CAP_CHOWN, all'));
catches('capabilities-not-dropped', pod(''));
catches('capabilities-not-dropped', secure('capabilities: {drop: [NET_RAW]}'));
catches('capabilities-not-dropped', secure('capabilities: {drop: ALL}'));
passes('capabilities-not-dropped', secure('capabilities: {drop: [ALL]}'));
passes('capabilities-not-dropped', secure('capabilities: {drop: [all]}'));

catches('seccomp-unconfined', secure('seccompProfile: {type: Unconfined}'));
catches('seccomp-unconfined', podSecure('seccompProfile: {type: Unconfined}'));
passes(
  'seccomp-unconfined',
  pod(
    'securityContext: {seccompProfile: {type: RuntimeDefault}}',
    'securityContext: {seccompProfile: {type: Unconfined}}',
  ),
);
catches('seccomp-not-set', pod(''));
catches('seccomp-not-set', secure('seccompProfile: {}'));
catches('seccomp-not-set', secure('seccompProfile: {type: runtimeDefault}'));
passes('seccomp-not-set', podSecure('seccompProfile: {type: RuntimeDefault}'));
passes('seccomp-not-set', secure('seccompProfile: {type: Localhost, localhostProfile: a.json}'));

catches('apparmor-unconfined', secure('appArmorProfile: {type: Unconfined}'));
catches('apparmor-unconfined', podSecure('appArmorProfile: {type: Unconfined}'));
catches(
  'apparmor-unconfined',
  pod('').replace(
    'name: p,',
    'name: p, annotations: {container.apparmor.security.beta.kubernetes.io/app: unconfined},',
  ),
);
passes(
  'apparmor-unconfined',
  secure('appArmorProfile: {type: RuntimeDefault}').replace(
    'name: p,',
    'name: p, annotations: {container.apparmor.security.beta.kubernetes.io/app: unconfined},',
  ),
);
passes('apparmor-unconfined', pod(''));
catches('selinux-options', secure('seLinuxOptions: {type: spc_t}'));
catches('selinux-options', podSecure('seLinuxOptions: {user: root}'));
passes('selinux-options', secure('seLinuxOptions: {type: container_t, level: "s0:c1,c2"}'));
catches('unmasked-proc', secure('procMount: Unmasked'));
passes('unmasked-proc', secure('procMount: Default'));
catches('unsafe-sysctl', podSecure('sysctls: [{name: kernel.msgmax, value: "1"}]'));
passes(
  'unsafe-sysctl',
  podSecure('sysctls: [{name: net.ipv4.tcp_syncookies, value: "1"}, {name: net/ipv4/ping_group_range, value: ""}]'),
);
catches('host-network', pod('', 'hostNetwork: true'), { line: 7 });
passes('host-network', pod('', 'hostNetwork: false'));
catches('host-pid', pod('', 'hostPID: true'));
catches('host-ipc', pod('', 'hostIPC: true'));
catches('host-users', pod(''));
catches('host-users', pod('', 'hostUsers: true'));
passes('host-users', pod('', 'hostUsers: false'));
catches('host-port', pod('ports: [{containerPort: 80, hostPort: 80}]'));
passes('host-port', pod('ports: [{containerPort: 80, hostPort: 0}, {containerPort: 81}]'));
catches('host-aliases', pod('', 'hostAliases: [{ip: 1.2.3.4, hostnames: [a]}]'));
passes('host-aliases', pod('', 'hostAliases: []'));
catches('shared-process-namespace', pod('', 'shareProcessNamespace: true'));

for (const path of [
  '/var/run/docker.sock',
  '/run/docker.sock',
  '/var/run',
  '/run/',
  '/var//run/./docker.sock',
  '/run/containerd',
  '/var/run/crio/crio.sock',
  '/run/podman/podman.sock',
  '/mnt/other/docker.sock',
  '/var/log/../run/docker.sock',
]) {
  catches('runtime-socket-mounted', hostPath(path));
}
catches('runtime-socket-mounted', hostPath('\\\\\\\\.\\\\pipe\\\\docker_engine'));
catches('host-path-takeover', hostPath('C:\\\\Windows\\\\System32'));
catches('host-path-takeover', hostPath('c:/'));
catches('host-path', hostPath('D:/data'));
passes('host-path-escape', hostPath('D:/data'));
catches('host-path-escape', hostPath('D:\\\\data\\\\..\\\\x'));
passes('host-path-takeover', hostPath('/var/run/docker.sock'));
passes('host-path-sensitive', hostPath('/run/containerd/containerd.sock', 'readOnly: true'));
passes('runtime-socket-mounted', hostPath('/var/runner'));
passes('runtime-socket-mounted', hostPath('/opt/docker.sock.d'));
for (const path of [
  '/',
  '/etc',
  '/etc/kubernetes/pki',
  '/var/../etc',
  '/proc',
  '/sys',
  '/dev/kmsg',
  '/root',
  '/home/x',
  '/var',
  '/var/lib',
]) {
  catches('host-path-takeover', hostPath(path));
  catches('host-path-sensitive', hostPath(path, 'readOnly: true'));
  passes('host-path', hostPath(path));
}
catches('host-path-sensitive', pod('', 'volumes: [{name: v, hostPath: {path: /etc}}]'));
catches('host-path-takeover', hostPath('/var/lib/kubelet/pods', 'readOnly: "true"'));
passes('host-path-takeover', hostPath('/run/xtables.lock'));
catches('host-path', hostPath('/run/xtables.lock'));
for (const path of ['/lib/modules', '/etc/ssl/certs', '/etc/localtime', '/usr/share/zoneinfo/UTC']) {
  catches('host-path-takeover', hostPath(path));
  passes('host-path-sensitive', hostPath(path, 'readOnly: true'));
  catches('host-path', hostPath(path, 'readOnly: true'));
}
passes('host-path-takeover', hostPath('/opt/process-data'));
catches('host-path', hostPath('/opt/process-data'));
catches('host-path', hostPath('/etcetera'));
catches('host-path-escape', hostPath('/srv/../data'));
catches('host-path-escape', hostPath('data'));
passes('host-path-escape', hostPath('/srv/..data'));
catches('host-path-untyped', hostPath('/srv/data'));
catches('host-path-untyped', hostPath('/srv/data', 'readOnly: true', ', type: DirectoryOrCreate'));
passes('host-path-untyped', hostPath('/srv/data', 'readOnly: true', ', type: Directory'));
catches('host-path-sub-path', hostPath('/srv/data', 'subPath: a'));
passes(
  'host-path-sub-path',
  pod('volumeMounts: [{name: v, mountPath: /m, subPath: a}]', 'volumes: [{name: v, emptyDir: {}}]'),
);
catches('mount-propagation', hostPath('/srv/data', 'mountPropagation: Bidirectional'));
passes('mount-propagation', hostPath('/srv/data', 'mountPropagation: HostToContainer'));
catches('windows-host-process', pod('', 'securityContext: {windowsOptions: {hostProcess: true}}'));
passes(
  'windows-host-process',
  pod(
    'securityContext: {windowsOptions: {hostProcess: false}}',
    'securityContext: {windowsOptions: {hostProcess: true}}',
  ),
);
catches(
  'windows-administrator',
  secure('windowsOptions: {runAsUserName: "NT AUTHORITY\\\\SYSTEM"}').replaceAll('\\\\\\\\', '\\\\'),
);
passes('windows-administrator', secure('windowsOptions: {runAsUserName: ContainerUser}'));

const account = (automount: string, namespace = 'shop', name = 'default'): string =>
  `---\n{apiVersion: v1, kind: ServiceAccount, metadata: {name: ${name}, namespace: ${namespace}}${automount}}`;
catches('service-account-token-mounted', pod(''));
catches('service-account-token-mounted', pod('', 'automountServiceAccountToken: true'), { line: 7 });
passes('service-account-token-mounted', pod('', 'automountServiceAccountToken: false'));
passes('service-account-token-mounted', `${pod('')}\n${account(', automountServiceAccountToken: false')}`);
catches('service-account-token-mounted', `${pod('')}\n${account('')}`);
catches('service-account-token-mounted', `${pod('')}\n${account(', automountServiceAccountToken: false', 'other')}`);
catches(
  'service-account-token-mounted',
  `${pod('', 'automountServiceAccountToken: true')}\n${account(', automountServiceAccountToken: false')}`,
);
catches(
  'service-account-token-mounted',
  `${pod('', 'serviceAccountName: web')}\n${account(', automountServiceAccountToken: false')}`,
);
passes(
  'service-account-token-mounted',
  `${account(', automountServiceAccountToken: false', 'shop', 'web')}\n---\n${pod('', 'serviceAccountName: web')}`,
);
catches('default-service-account', pod(''));
catches('default-service-account', pod('', 'serviceAccountName: ""'));
catches('default-service-account', pod('', 'serviceAccountName: default'));
passes('default-service-account', pod('', 'serviceAccountName: web'));
passes('default-service-account', pod('', 'serviceAccount: web'));

catches('secret-in-env', pod('env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]'));
catches('secret-in-env', pod('envFrom: [{secretRef: {name: s}}]'));
passes('secret-in-env', pod('envFrom: [{configMapRef: {name: s}}]'));
catches('secret-literal-in-env', env('DB_PASSWORD', 'hunter2'));
catches('secret-literal-in-env', env('apiToken', 'abc'));
catches('secret-literal-in-env', env('AWS_SECRET_ACCESS_KEY', 'abc'));
catches('secret-literal-in-env', env('X', 'AKIAIOSFODNN7EXAMPLE'));
catches('secret-literal-in-env', env('X', 'postgres://u:p4ss@db/x'));
catches('secret-literal-in-env', env('X', '-----BEGIN RSA PRIVATE KEY-----\nMII'));
catches('secret-literal-in-env', env('X', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc'));
catches('secret-literal-in-env', env('STRIPE_KEY', 'a1b2c3d4e5f6a7b8c9'));
catches('secret-literal-in-env', env('X', 'Server=db;User=sa;Password=hunter2;'));
passes('secret-literal-in-env', env('SORT_KEY', 'created'));
passes('secret-literal-in-env', env('X', 'Server=db;User=sa;Password=$(PASSWORD);'));
passes('secret-literal-in-env', env('DB_PASSWORD', ''));
passes('secret-literal-in-env', env('DB_PASSWORD', '$(OTHER)'));
passes('secret-literal-in-env', env('DB_PASSWORD_FILE', '/x/y'));
passes('secret-literal-in-env', env('DB_PASSWORD', '/run/secrets/db'));
passes('secret-literal-in-env', env('TOKEN_TTL', '60'));
passes('secret-literal-in-env', env('MONKEY', 'x'));
passes('secret-literal-in-env', env('X', 'postgres://u@db/x'));
passes('secret-literal-in-env', env('X', 'postgres://u:$(PASSWORD)@db/x'));
catches('secret-in-command', pod('args: ["--password=abc"]'));
catches('secret-in-command', pod('args: ["--db-password", "abc"]'));
catches('secret-in-command', pod('command: [sh, -c, "DB_PASSWORD=abc exec run"]'));
catches('secret-in-command', pod('command: [curl, "https://u:p4ss@host/"]'));
passes('secret-in-command', pod('args: ["--password=$(DB_PASSWORD)", "--password-file", "/x"]'));
passes('secret-in-command', pod('args: ["--tokens", "--verbose"]'));

const configMap = (data: string): string => `{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {${data}}}`;
catches('secret-in-config-map', configMap('password: abc'));
catches('secret-in-config-map', configMap('k: "-----BEGIN PRIVATE KEY-----\\nabc"'));
catches('secret-in-config-map', configMap('app.properties: "a=b\\ndb.password=abc\\n"'));
passes('secret-in-config-map', configMap('app.properties: "a=b\\ndb.password=${DB}\\n", mode: fast'));
catches('secret-in-manifest', '{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: aGk=}}');
passes('secret-in-manifest', '{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: ""}}');
catches(
  'service-account-token-secret',
  '{apiVersion: v1, kind: Secret, metadata: {name: s}, type: kubernetes.io/service-account-token}',
);

catches('image-invalid', image(''));
catches('image-invalid', image(' nginx'));
catches('image-invalid', image('Nginx:1'));
catches('image-invalid', image('nginx').replace('"nginx"', '5'));
passes('image-invalid', image('nginx'));
catches('image-tag-latest', image('nginx'));
catches('image-tag-latest', image('nginx:latest'));
passes('image-tag-latest', image('nginx:1'));
passes('image-tag-latest', image(`nginx@sha256:${'a'.repeat(64)}`));
catches('image-without-digest', image('nginx:1'));
passes('image-without-digest', image(`nginx:1@sha256:${'a'.repeat(64)}`));
catches('stale-pull-policy', image('nginx', ', imagePullPolicy: IfNotPresent'));
catches('stale-pull-policy', image('nginx:1', ', imagePullPolicy: Never'));
passes('stale-pull-policy', image('nginx:1', ', imagePullPolicy: IfNotPresent'));
passes('stale-pull-policy', image('nginx'));
catches('image-registry-implied', image('nginx'));
catches('image-registry-implied', image('someone/nginx'));
passes('image-registry-implied', image('docker.io/library/nginx'));
passes('image-registry-implied', image('quay.io/x/nginx'));
catches('image-registry-suspect', image('dokcer.io/nginx'));
catches('image-registry-suspect', image('quay.io.example.com/x'));
catches('image-registry-suspect', image('10.0.0.1:5000/x'));
catches('image-registry-suspect', image('localhost:5000/x'));
catches('image-registry-suspect', image('k8s.gcr.io/pause:3'));
passes('image-registry-suspect', image('gcr.io/x/y'));
passes('image-registry-suspect', image('registry.example.com/x'));

const withResources = (text: string): string => pod(`resources: {${text}}`);
for (const resource of ['cpu', 'memory', 'ephemeral-storage']) {
  catches(`${resource}-limit-missing`, pod(''));
  catches(`${resource}-limit-missing`, withResources(`limits: {${resource}: 0}`));
  catches(`${resource}-limit-missing`, withResources(`limits: {${resource}: lots}`));
  passes(`${resource}-limit-missing`, withResources(`limits: {${resource}: 100M}`));
  passes(`${resource}-limit-missing`, pod('', `resources: {limits: {${resource}: 100M}}`).replace('app:1', 'app:1'));
}
for (const resource of ['cpu', 'memory']) {
  catches(`${resource}-request-missing`, pod(''));
  passes(`${resource}-request-missing`, withResources(`requests: {${resource}: 1}`));
  passes(`${resource}-request-missing`, withResources(`limits: {${resource}: 1}`));
}
catches('limit-below-request', withResources('limits: {memory: 1Gi}, requests: {memory: 2048Mi}'));
passes('limit-below-request', withResources('limits: {memory: 1Gi, cpu: 1}, requests: {memory: 1024Mi, cpu: 1000m}'));
catches('memory-volume-unbounded', pod('', 'volumes: [{name: v, emptyDir: {medium: Memory}}]'));
passes(
  'memory-volume-unbounded',
  pod('', 'volumes: [{name: v, emptyDir: {medium: Memory, sizeLimit: 1Mi}}, {name: w, emptyDir: {}}]'),
);
catches('liveness-probe-missing', pod(''));
catches('readiness-probe-missing', pod(''));
passes('liveness-probe-missing', pod('', 'restartPolicy: Never'));
passes(
  'readiness-probe-missing',
  pod('readinessProbe: {tcpSocket: {port: 1}}', 'initContainers: [{name: i, image: i}]'),
);
catches('probes-identical', pod('readinessProbe: {tcpSocket: {port: 1}}, livenessProbe: {tcpSocket: {port: 1}}'));
passes('probes-identical', pod('readinessProbe: {tcpSocket: {port: 1}}, livenessProbe: {tcpSocket: {port: 2}}'));
catches('no-grace-period', pod('', 'terminationGracePeriodSeconds: 0'));
catches('remote-control-port', pod('ports: [{containerPort: 22}]'));
passes('remote-control-port', pod('ports: [{containerPort: 8022}]'));
catches('node-chosen', pod('', 'nodeName: n1'));
catches('tolerates-control-plane', pod('', 'tolerations: [{operator: Exists}]'));
catches(
  'tolerates-control-plane',
  pod('', 'tolerations: [{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]'),
);
passes('tolerates-control-plane', pod('', 'tolerations: [{key: gpu, operator: Exists}]'));

const claim = (spec: string): string =>
  `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {${spec}}}`;
catches('claim-shared', claim('accessModes: [ReadWriteOnce, ReadWriteMany]'));
passes('claim-shared', claim('accessModes: [ReadWriteOncePod]'));
catches('claim-without-size', claim('accessModes: [ReadWriteOnce]'));
passes('claim-without-size', claim('resources: {requests: {storage: 1Gi}}'));
catches(
  'claim-without-size',
  '{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s}, spec: {volumeClaimTemplates: [{spec: {}}], template: {spec: {containers: [{name: a, image: a}]}}}}',
);
catches(
  'persistent-volume-on-node',
  '{apiVersion: v1, kind: PersistentVolume, metadata: {name: v}, spec: {hostPath: {path: /data}}}',
);

catches('probe-to-other-host', pod('livenessProbe: {httpGet: {host: 169.254.169.254, port: 80}}'));
catches('probe-to-other-host', pod('lifecycle: {preStop: {tcpSocket: {host: db, port: 80}}}'));
passes('probe-to-other-host', pod('livenessProbe: {httpGet: {port: 80}}, readinessProbe: {exec: {command: [a]}}'));
catches('git-repo-volume', pod('', 'volumes: [{name: v, gitRepo: {repository: "https://example.com/x"}}]'));

catches('default-namespace', pod('').replace(', namespace: shop', ''));
catches('default-namespace', pod('').replace('shop', 'default'));
passes('default-namespace', pod(''));
catches('deprecated-api-version', '{apiVersion: extensions/v1beta1, kind: Deployment, metadata: {name: d}}');
catches('deprecated-api-version', '{apiVersion: policy/v1beta1, kind: PodSecurityPolicy, metadata: {name: d}}');
passes('deprecated-api-version', '{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}');
catches('repeated-key', pod('', 'hostNetwork: false\nhostNetwork: true'), { line: 8 });
catches('repeated-key', pod('securityContext: {privileged: true}, securityContext: {}'));
passes('repeated-key', '{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: b, a: c}}');

for (const typo of [
  'priviledged',
  'Privileged',
  'privilegd',
  'allowPrivelegeEscalation',
  'allow_privilege_escalation',
  'runAsNonroot',
  'readonlyRootFilesystem',
  'capabilites',
  'seccompprofile',
  'runasuser',
]) {
  catches('misspelled-field', secure(`${typo}: true`), { container: 'app', line: 6 });
}
catches('misspelled-field', pod('securitycontext: {}'));
catches('misspelled-field', podSecure('seccompProfile: {typ: RuntimeDefault}'));
catches('misspelled-field', pod('', 'hostNetowrk: false'));
catches('misspelled-field', pod('', 'automountServiceAccountTokens: false'));
catches('misspelled-field', pod('priviledged: true'), { container: 'app' });
catches('misspelled-field', pod('', 'runAsNonRooot: true'));
catches('misspelled-field', podSecure('allowPrivilegeEscalaton: false'));
passes('misspelled-field', secure('privileged: false, runAsNonRoot: true'));
passes('misspelled-field', pod('stdin: true, tty: true, lifecycle: {}', 'dnsPolicy: Default\nunheardOf: 1'));
for (const field of ['allowPrivilegeEscalation', 'privileged', 'readOnlyRootFilesystem', 'capabilities', 'procMount']) {
  catches('misplaced-field', podSecure(`${field}: x`));
  catches('misplaced-field', pod(`${field}: x`), { container: 'app' });
}
catches('misplaced-field', secure('fsGroup: 5'));
catches('misplaced-field', secure('hostNetwork: false'));
catches('misplaced-field', pod('', 'runAsNonRoot: true'));
catches('misplaced-field', pod('automountServiceAccountToken: false'));
passes('misplaced-field', secure('capabilities: {}, runAsUser: 5'));
catches('wrong-type', secure('privileged: "true"'), { container: 'app' });
catches('wrong-type', secure('runAsUser: "0"'));
catches('wrong-type', pod('', 'hostPID: "yes"'));
catches('wrong-type', pod('securityContext: [privileged]'));
catches('wrong-type', pod('').replace(/containers:[\s\S]*/, 'containers: {}'));
passes('wrong-type', secure('privileged: null'));

const role = (rule: string, kind = 'ClusterRole'): string =>
  `{apiVersion: rbac.authorization.k8s.io/v1, kind: ${kind}, metadata: {name: r}, rules: [{${rule}}]}`;
const rule = (group: string, resources: string, verbs: string): string =>
  role(`apiGroups: ["${group}"], resources: [${resources}], verbs: [${verbs}]`);
catches('rbac-everything', rule('*', '"*"', '"*"'));
catches('rbac-everything', role('apiGroups: ["*"], resources: ["*"], verbs: ["*"]', 'Role'));
passes('rbac-everything', rule('', '"*"', '"*"'));
catches('rbac-wildcard-verbs', rule('', 'configmaps', '"*"'));
catches('rbac-wildcard-resources', rule('', '"*"', 'get'));
passes('rbac-wildcard-resources', rule('*', '"*"', '"*"'));
catches('rbac-wildcard-groups', rule('*', 'deployments', 'get'));
catches('rbac-wildcard-urls', role('nonResourceURLs: ["*"], verbs: [get]'));
passes('rbac-wildcard-urls', role('nonResourceURLs: [/healthz/*], verbs: [get]'));
catches('rbac-escalation', rule('rbac.authorization.k8s.io', 'roles', 'escalate'));
catches('rbac-escalation', rule('', 'users', 'impersonate'));
catches('rbac-secrets', rule('', 'pods, secrets', 'list'));
catches('rbac-secrets', rule('', 'secrets', '"*"'));
passes('rbac-secrets', rule('', 'secrets', 'create'));
passes('rbac-secrets', role('apiGroups: [""], resources: [secrets], resourceNames: [a], verbs: [get]'));
catches('rbac-pod-exec', rule('', 'pods/exec', 'create'));
catches('rbac-pod-exec', rule('', '"*/exec"', 'create'));
catches('rbac-pod-exec', rule('', 'pods/ephemeralcontainers', 'patch'));
catches('rbac-workload-write', rule('', 'pods', 'create'));
catches('rbac-workload-write', rule('apps', 'deployments', 'patch'));
passes('rbac-workload-write', rule('apps', 'pods', 'create'));
passes('rbac-workload-write', rule('', 'pods', 'get, list'));
catches('rbac-node-proxy', rule('', 'nodes/proxy', 'get'));
catches('rbac-token-create', rule('', 'serviceaccounts/token', 'create'));
catches('rbac-certificates', rule('certificates.k8s.io', 'certificatesigningrequests/approval', 'update'));
catches(
  'rbac-certificates',
  role(
    'apiGroups: [certificates.k8s.io], resources: [signers], resourceNames: [kubernetes.io/kube-apiserver-client], verbs: [approve]',
  ),
);
catches('rbac-webhooks', rule('admissionregistration.k8s.io', 'validatingwebhookconfigurations', 'delete'));
catches('rbac-persistent-volumes', rule('', 'persistentvolumes', 'create'));
catches('rbac-role-write', rule('rbac.authorization.k8s.io', 'clusterrolebindings', 'create'));
catches('rbac-namespace-labels', rule('', 'namespaces', 'patch'));
catches('rbac-nodes', rule('', 'nodes', 'patch'));
passes('rbac-nodes', rule('', 'nodes', 'get'));
catches(
  'rbac-aggregation',
  '{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}, aggregationRule: {clusterRoleSelectors: [{}]}}',
);
catches(
  'rbac-aggregation',
  '{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r, labels: {rbac.authorization.k8s.io/aggregate-to-admin: "true"}}}',
);

const binding = (subject: string, to = 'view', kind = 'ClusterRoleBinding'): string =>
  `{apiVersion: rbac.authorization.k8s.io/v1, kind: ${kind}, metadata: {name: b}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${to}}, subjects: [${subject}]}`;
catches('binding-anonymous', binding('{kind: User, name: system:anonymous}'));
catches(
  'binding-anonymous',
  binding('{kind: User, name: a}, {kind: Group, name: system:unauthenticated}', 'x', 'RoleBinding'),
);
passes('binding-anonymous', binding('{kind: Group, name: system:unauthenticated}', 'system:public-info-viewer'));
passes('binding-anonymous', binding('{kind: User, name: not-system:anonymous}'));
catches('binding-authenticated', binding('{kind: Group, name: system:authenticated}'));
catches('binding-authenticated', binding('{kind: Group, name: system:serviceaccounts}'));
passes('binding-authenticated', binding('{kind: Group, name: system:authenticated}', 'system:discovery'));
catches('binding-authenticated', binding('{kind: Group, name: system:serviceaccounts:kube-system}'));
catches('binding-default-account', binding('{kind: User, name: "system:serviceaccount:shop:default"}'));
catches('binding-masters', binding('{kind: Group, name: system:masters}'));
catches('binding-cluster-admin', binding('{kind: ServiceAccount, name: a, namespace: b}', 'cluster-admin'));
passes('binding-cluster-admin', binding('{kind: ServiceAccount, name: a, namespace: b}', 'admin'));
catches('binding-default-account', binding('{kind: ServiceAccount, name: default, namespace: b}'));
passes('binding-default-account', binding('{kind: User, name: default}'));

const namespace = (labels: string): string =>
  `{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {${labels}}}}`;
catches('namespace-without-level', namespace(''));
catches('namespace-without-level', '{apiVersion: v1, kind: Namespace, metadata: {name: shop}}');
passes('namespace-without-level', namespace('pod-security.kubernetes.io/enforce: baseline'));
catches('namespace-privileged', namespace('pod-security.kubernetes.io/enforce: privileged'));
catches('namespace-level-invalid', namespace('pod-security.kubernetes.io/enforce: Restricted'));
catches('namespace-level-invalid', namespace('pod-security.kubernetes.io/enforced: restricted'));
catches('namespace-level-invalid', namespace('podsecurity.kubernetes.io/enforce: restricted'));
catches('namespace-level-invalid', namespace('pod-security.kubernetes.io/enforce-version: "1.30"'));
passes(
  'namespace-level-invalid',
  namespace(
    'pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: v1.30, kubernetes.io/metadata.name: shop',
  ),
);
catches('breaks-namespace-level', `${pod('')}\n---\n${namespace('pod-security.kubernetes.io/enforce: restricted')}`);
passes('breaks-namespace-level', `${pod('')}\n---\n${namespace('pod-security.kubernetes.io/enforce: baseline')}`);
catches(
  'breaks-namespace-level',
  `${pod('', 'hostPID: true')}\n---\n${namespace('pod-security.kubernetes.io/enforce: baseline')}`,
);

const policy = (spec: string, where = 'shop'): string =>
  `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: n, namespace: ${where}}, spec: {${spec}}}`;
const labelled = pod('').replace('name: p,', 'name: p, labels: {app: web},');
catches('network-policy-absent', pod(''));
catches('network-policy-absent', `${pod('')}\n---\n${policy('podSelector: {}', 'other')}`);
passes('network-policy-absent', `${pod('')}\n---\n${policy('podSelector: {matchLabels: {a: b}}')}`);
catches('network-policy-gap', `${labelled}\n---\n${policy('podSelector: {matchLabels: {app: db}}')}`);
catches(
  'network-policy-gap',
  `${labelled}\n---\n${policy('podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}')}`,
);
passes('network-policy-gap', `${policy('podSelector: {matchLabels: {app: web}}')}\n---\n${labelled}`);
passes(
  'network-policy-gap',
  `${labelled}\n---\n${policy('podSelector: {matchExpressions: [{key: app, operator: In, values: [web]}, {key: x, operator: DoesNotExist}]}')}`,
);
passes('network-policy-gap', `${labelled}\n---\n${policy('podSelector: {}')}`);
catches('network-policy-open', policy('podSelector: {}, ingress: [{}]'));
catches('network-policy-open', policy('podSelector: {}, egress: [{}]'));
catches('network-policy-open', policy('podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]'));
catches('network-policy-open', policy('podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]'));
passes(
  'network-policy-open',
  policy('podSelector: {}, ingress: [{from: [{podSelector: {}}]}], egress: [{ports: [{port: 53}]}]'),
);
passes('network-policy-open', policy('podSelector: {}, policyTypes: [Ingress]'));

const ingress = (spec: string, annotations = ''): string =>
  `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, annotations: {${annotations}}}, spec: {${spec}}}`;
catches('ingress-without-tls', ingress('rules: [{host: a.example.com}]'));
catches('ingress-without-tls', ingress('tls: [{hosts: [b.example.com]}], rules: [{host: a.example.com}]'));
passes('ingress-without-tls', ingress('tls: [{hosts: ["*.example.com"]}], rules: [{host: a.example.com}]'));
passes('ingress-without-tls', ingress('tls: [{secretName: s}], rules: [{host: a.example.com}]'));
catches('ingress-snippet', ingress('tls: [{}]', 'nginx.ingress.kubernetes.io/configuration-snippet: x'));
passes('ingress-snippet', ingress('tls: [{}]', 'nginx.ingress.kubernetes.io/rewrite-target: /'));
const service = (spec: string): string => `{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {${spec}}}`;
catches('service-exposed', service('type: NodePort'));
catches('service-exposed', service('type: LoadBalancer'));
passes('service-exposed', service('type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]'));
passes('service-exposed', service('type: ClusterIP'));
catches('service-external-ips', service('externalIPs: [1.2.3.4]'));
catches(
  'webhook-fails-open',
  '{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: w}, webhooks: [{name: a, failurePolicy: Ignore}, {name: b}]}',
);
