import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { explainLog, explainWords } from './explain-log.js';
import type { FaultId } from './kinds/index.js';

const cause =
  'failed to apply admission: couldn\'t init admission plugin "ImagePolicyWebhook": stat /a/kc.yaml: no such file or directory';
const klog = `E1124 12:30:22.072642   26367 run.go:72] "command failed" err=${JSON.stringify(cause)}`;

test('the same words, however they were wrapped', () => {
  const logs = [
    cause,
    klog,
    `Nov 24 12:30:22 node1 kube-apiserver[812]: ${klog}`,
    `2026-11-24T12:30:22.072712345Z stderr F ${klog}`,
    `2026-11-24T12:30:22.072712345+01:00 stderr F ${klog}\r`,
    JSON.stringify({ log: `${klog}\n`, stream: 'stderr', time: '2026-11-24T12:30:22Z' }),
    JSON.stringify({ MESSAGE: klog, _PID: '812' }),
    JSON.stringify({ ts: 1763987422000.1, msg: 'command failed', err: cause }),
    JSON.stringify({ log: `${JSON.stringify({ ts: 1, msg: 'command failed', err: cause })}\n`, stream: 'stderr' }),
    `E1124 12:30:22.072642   26367 run.go:72] "command failed" err=<\n\t${cause}\n >`,
  ];
  for (const log of logs) {
    const found = explainLog(`W1124 nothing\n${log}\n`);
    assert.deepEqual(
      found.map(({ id, line, file, field, ends }) => ({ id, line, file, field, ends })),
      [{ id: 'file-missing', line: 2, file: '/a/kc.yaml', field: 'kubeConfigFile', ends: true }],
      log,
    );
  }
});

test('what is said again is counted, what is not known is passed over', () => {
  const found = explainLog(`${klog}\nI1124 other.go:1] "all is well"\n${klog}\n`);
  assert.equal(found.length, 1);
  assert.equal(found[0]?.count, 2);
  assert.deepEqual(explainLog('The manifest file is empty, ignoring.\n'), []);
});

test('lines about others are not taken for reviews', () => {
  const lines = [
    'E1124 authentication.go:70] "Unable to authenticate the request" err="[x509: certificate signed by unknown authority]"',
    'I1124 log.go:245] http: TLS handshake error from 10.0.0.7:41234: EOF',
    'W1124 logging.go:55] [core] [Channel #1] grpc: addrConn.createTransport failed to connect to {Addr: "127.0.0.1:9999"}. Err: dial tcp 127.0.0.1:9999: connect: connection refused"',
  ];
  for (const line of lines) assert.deepEqual(explainLog(line), [], line);
});

test('words about reviews', () => {
  const post = 'pods "x" is forbidden: Post "https://h:8443/image-policy?timeout=30s": ';
  const cases: readonly (readonly [string, FaultId])[] = [
    [
      'tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead',
      'server-common-name-only',
    ],
    ['x509: certificate relies on legacy Common Name field, use SANs instead', 'server-common-name-only'],
    [
      'tls: failed to verify certificate: x509: certificate is valid for a.example, b.example, not c.example',
      'server-name-mismatch',
    ],
    [
      'tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match h',
      'server-name-mismatch',
    ],
    [
      `x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs`,
      'server-address-mismatch',
    ],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'server-unknown-authority'],
    [
      'x509: certificate signed by unknown authority (possibly because of "x509: cannot verify signature: insecure algorithm ECDSA-SHA1" while trying to verify candidate authority certificate "x")',
      'signature-weak',
    ],
    [
      'x509: certificate has expired or is not yet valid: current time 2026-11-24T12:00:00Z is after 2026-11-23T12:00:00Z',
      'server-expired',
    ],
    [
      'x509: certificate has expired or is not yet valid: current time 2026-11-24T12:00:00Z is before 2026-11-25T12:00:00Z',
      'server-not-yet-valid',
    ],
    ['x509: certificate specifies an incompatible key usage', 'server-usage'],
    ['tls: private key does not match public key', 'client-key-of-another'],
    ['remote error: tls: certificate required', 'client-certificate-refused'],
    ['EOF', 'connection-closed'],
    ['http: server gave HTTP response to HTTPS client', 'not-tls'],
    ['remote error: tls: protocol version not supported', 'tls-too-old'],
    ['dial tcp 127.0.0.1:8443: connect: connection refused', 'port-closed'],
    ['dial tcp: lookup x.y.svc on 10.0.0.2:53: no such host', 'host-unresolved'],
    ['dial tcp 10.1.1.1:443: i/o timeout', 'connection-timeout'],
    ['dial tcp 10.1.1.1:443: connect: no route to host', 'network-unreachable'],
    ['context deadline exceeded', 'webhook-timeout'],
    ['net/http: request canceled (Client.Timeout exceeded while awaiting headers)', 'webhook-timeout'],
    ['write tcp 127.0.0.1:1->127.0.0.1:2: use of closed network connection', 'certificate-rotated'],
    ['read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer', 'connection-reset'],
  ];
  for (const [words, id] of cases) {
    for (const text of [
      words,
      post + words,
      `Internal error occurred: failed calling webhook "w.x.dev": failed to call webhook: ${post}${words}`,
    ]) {
      assert.equal(explainWords(text)?.id, id, text);
    }
  }
});

test('a reason of the webhook is not mistaken for a failure', () => {
  const text =
    'pods "x" is forbidden: image policy webhook backend denied one or more images: scan: context deadline exceeded';
  assert.equal(explainWords(text)?.id, 'denied-by-webhook');
});

test('any text is read, in time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      for (const one of explainLog(text)) assert.ok(one.line >= 1);
    }),
  );
  const long = `failed to read plugin config: ${'unknown field "'.repeat(20_000)}${'open '.repeat(20_000)}`;
  explainLog(long);
  explainLog('err=<\n'.repeat(50_000));
});

test('words of policies and of objects that are not stored', () => {
  const cases: readonly (readonly [string, string])[] = [
    [`pods "t" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: EOF`, 'denied-by-policy'],
    [
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
      'policy-parameters-missing',
    ],
    [
      "failed to configure policy: failed to find resource referenced by paramKind: '/v1, Kind=Nope'",
      'policy-parameters-missing',
    ],
    ['operation cancelled: actual cost limit exceeded', 'policy-cost'],
    [`expression 'object.x' resulted in error: no such key: x`, 'policy-expression'],
    [`expression 'request.subResource' resulted in error: no such key: subResource`, 'condition-sub-resource'],
    [
      'spec.validations[0].expression: Invalid value: "x": compilation failed: ERROR: <input>:1:1: no',
      'policy-expression',
    ],
    ['spec.validations[0].reason: Unsupported value: "Unauthorized"', 'policy-reason'],
    ['spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn', 'binding-actions'],
    ['metadata.name: names ending with ".static.k8s.io" are reserved for manifests', 'static-name-reserved'],
    ['"reloading manifest config" err="error loading x"', 'static-reload-failed'],
    [
      'webhooks[0].name: Invalid value: "v.example": should be a domain with at least three segments separated by dots',
      'webhook-name',
    ],
    [
      'webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
      'review-versions',
    ],
    [
      'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
      'webhook-timeout-range',
    ],
    ['webhooks[0].clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme', 'webhook-url'],
    ['webhooks[0].sideEffects: Unsupported value: "Some"', 'side-effects'],
    ['webhooks[0].clientConfig: Required value: exactly one of url or service is required', 'client-config'],
    ['pods "x" is forbidden: Post "http://127.0.0.1:8443/image-policy?timeout=30s": EOF', 'connection-closed'],
    [
      'pods "x" is forbidden: image policy webhook backend denied one or more images: actual cost limit exceeded',
      'denied-by-webhook',
    ],
  ];
  for (const [text, id] of cases) assert.equal(explainWords(text)?.id, id, text);
  const plain = explainWords('pods "x" is forbidden: Post "http://127.0.0.1:8443/x?timeout=30s": EOF');
  assert.match(plain?.fix ?? '', /https/);
});
