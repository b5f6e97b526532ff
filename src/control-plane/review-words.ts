import { apiWords, expressionWords } from './api-words.js';
import type { KnownWords, Told } from './known-words.js';

const address = ([, name]: readonly (string | undefined)[]): Told => ({ what: `the address is ${name}` });

/** Words about reviews that could not be made, or were not answered as they must be. */
export const reviewWords: readonly KnownWords[] = [
  // First: its reason is the webhook's own text, which may hold any of the words below.
  {
    id: 'denied-by-webhook',
    words:
      /image policy webhook backend denied one or more images: ([^]{1,500})|one or more images rejected by webhook backend|admission webhook "([^"]{1,300})" denied the request/,
    tell: ([, reason]) => ({ what: reason }),
  },
  ...apiWords,
  {
    id: 'condition-sub-resource',
    words: /resulted in error: no such key: subResource/,
    tell: () => ({
      field: 'webhooks[].matchConditions[].expression',
      what: 'a matchCondition reads request.subResource where there is none',
    }),
  },
  expressionWords,
  {
    id: 'server-common-name-only',
    words: /x509: certificate relies on legacy Common Name field, use SANs instead/,
  },
  {
    id: 'server-address-mismatch',
    words: /x509: cannot validate certificate for (\S{1,100}) because it doesn't contain any IP SANs/,
    tell: ([, name]) => ({ what: `${name} is dialled, and the certificate is for no address` }),
  },
  {
    id: 'server-name-mismatch',
    words:
      /x509: certificate is (?:valid for ([^"]{1,500}), not (\S{1,200})|not valid for any names, but wanted to match (\S{1,200}))/,
    tell: ([, names, name, other]) => ({
      what: `the certificate is for ${names ?? 'no name'}; ${(name ?? other ?? '').replace(/["']$/, '')} is dialled`,
    }),
  },
  {
    id: 'signature-weak',
    words: /x509: cannot verify signature: insecure algorithm ([\w-]{1,40})/,
    tell: ([, algorithm]) => ({ what: `the certificate is signed with ${algorithm}` }),
  },
  {
    id: 'server-unknown-authority',
    words: /x509: certificate signed by unknown authority|x509: certificate is not standards compliant/,
  },
  {
    id: 'server-not-yet-valid',
    words: /x509: certificate has expired or is not yet valid: current time (\S{1,60}) is before (\S{1,60})/,
    tell: ([, now, from]) => ({ what: `it is ${now}, and the certificate is valid from ${from} on` }),
  },
  {
    id: 'server-expired',
    words: /x509: certificate has expired or is not yet valid(?:: current time (\S{1,60}) is after (\S{1,60}))?/,
    tell: ([, now, to]) => ({
      what: to === undefined ? undefined : `it is ${now}, and the certificate was valid until ${to}`,
    }),
  },
  { id: 'server-usage', words: /x509: certificate specifies an incompatible key usage/ },
  { id: 'client-key-of-another', words: /tls: private key does not match public key/ },
  {
    id: 'client-certificate-refused',
    words:
      /remote error: tls: (certificate required|bad certificate|unknown certificate authority|unknown certificate|expired certificate|certificate unknown|handshake failure)/,
    tell: ([, said]) => ({ what: `the webhook ended TLS with: ${said}` }),
  },
  { id: 'tls-too-old', words: /tls: protocol version not supported|tls: server selected unsupported protocol version/ },
  {
    id: 'not-tls',
    words:
      /http: server gave HTTP response to HTTPS client|tls: first record does not look like a TLS handshake|malformed HTTP response "\\?x15/,
  },
  {
    id: 'host-unresolved',
    words:
      /dial tcp: lookup (\S{1,200})(?: on \S{1,100})?: (?:no such host|server misbehaving|Temporary failure|i\/o timeout)/,
    tell: ([, name]) => ({
      what: `${name} is a name that nobody knows`,
      fix:
        name !== undefined && /\.svc\b/.test(name)
          ? 'the API server does not ask the DNS of the cluster: dial the ClusterIP with tls-server-name'
          : undefined,
    }),
  },
  {
    id: 'port-closed',
    words: /dial tcp (\S{1,100}): connect: connection refused/,
    tell: ([, name]) => ({ what: `nobody listens on ${name}` }),
  },
  {
    id: 'network-unreachable',
    words: /dial tcp (\S{1,100}): connect: (?:no route to host|network is unreachable)/,
    tell: address,
  },
  {
    id: 'connection-timeout',
    words: /dial tcp (\S{1,100}): (?:i\/o timeout|connect: connection timed out)/,
    tell: address,
  },
  {
    id: 'webhook-service-missing',
    words: /service "([^"]{1,200})" not found|no endpoints available for service "([^"]{1,200})"/,
    tell: ([, one, other]) => ({ what: `the Service ${one ?? other} is not there, or has no pods that are ready` }),
  },
  {
    id: 'server-invalid',
    words: /dial tcp: address (\d{1,20}): invalid port|unsupported protocol scheme "([^"]{0,40})"/,
    tell: ([, port, scheme]) => ({
      field: 'clusters[].cluster.server',
      what: port === undefined ? `the scheme is ${scheme}` : `the port is ${port}`,
    }),
  },
  { id: 'certificate-rotated', words: /use of closed network connection/ },
  { id: 'connection-reset', words: /connection reset by peer|http2: client connection lost|broken pipe/ },
  {
    id: 'webhook-timeout',
    words:
      /Client\.Timeout exceeded while awaiting headers|context deadline exceeded|request did not complete within requested timeout|net\/http: TLS handshake timeout|net\/http: request canceled/,
  },
  {
    id: 'webhook-answer',
    words:
      /no kind "(?:ImageReview|AdmissionReview)" is registered for version "([^"]{0,100})"|0-length response with status code|couldn't get version\/kind; json parse error|cannot unmarshal \w{1,20}(?: \S{1,40})? into Go struct field (?:ImageReview|AdmissionRe)\w{0,20}\.|received invalid webhook response: ([^]{1,300})|unknown conversion|expected webhook response of|webhook response was absent|may not return response\.patch/,
    tell: ([, version, why]) => ({
      what: why ?? (version === undefined ? undefined : `the answer has the version ${version}`),
    }),
  },
  {
    id: 'connection-closed',
    words: /Post \\?"http:\/\/([^/"\s]{1,300})[^"\s]{0,500}\\?": EOF/,
    tell: ([, host]) => ({
      field: 'clusters[].cluster.server',
      what: `server says http://, and ${host} speaks TLS`,
      fix: 'write https:// in server',
    }),
  },
  { id: 'connection-closed', words: /: (?:unexpected )?EOF['"]?\s*$|^(?:unexpected )?EOF$|: EOF(?=["'\s])/ },
  {
    id: 'webhook-failed',
    words:
      /(the server rejected our request for an unknown reason|the server has asked for the client to provide credentials|the server could not find the requested resource|the server responded with the status code \d{1,3}|an error on the server \("[^]{0,200}?"\) has prevented the request|the server has received too many requests|the server is currently unable to handle the request|the server was unable to return a response in the time allotted|the server does not allow this method|the body of the request was in an unknown format|the server reported a conflict|the server rejected our request due to an error in our request|failed calling webhook|failed to call webhook|error contacting webhook backend)/,
    tell: ([, said]) => ({ what: `the webhook did not answer as it must: ${said}` }),
  },
  { id: 'failed-open', words: /[Ff]ailed calling webhook, failing open|image-policy\.k8s\.io\/failed-open/ },
];

/** Lines about others: who asks the API server, and etcd. */
export const notReviews: readonly RegExp[] = [
  /Unable to authenticate the request/,
  /TLS handshake error from/,
  /grpc: addrConn|etcdserver|etcd-client|\[core\] \[Channel/,
  /OpenAPI AggregationController|loading OpenAPI spec|v1beta1\.metrics\.k8s\.io/,
];
