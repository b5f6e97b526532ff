import type { KnownWords } from './known-words.js';

const said = ([, words]: readonly (string | undefined)[]): { readonly what: string | undefined } => ({ what: words });

/** What the API server says of policies of its own, and of objects that it does not store. */
export const apiWords: readonly KnownWords[] = [
  // First: its message is the author's own text.
  {
    id: 'denied-by-policy',
    words: /ValidatingAdmissionPolicy '[^']{1,300}' with binding '[^']{1,300}' denied request(?:: ([^]{1,500}))?/,
    tell: said,
  },
  {
    id: 'policy-parameters-missing',
    words:
      /failed to configure binding: (no params found for policy binding[^"\n]{0,100})|failed to find resource referenced by paramKind: ('[^']{1,200}')|failed to configure (?:policy|binding): ([^"\n]{1,200})/,
    tell: ([, none, kind, other]) => ({ what: none ?? (kind === undefined ? other : `there is no kind ${kind}`) }),
  },
  {
    id: 'policy-cost',
    words: /actual cost limit exceeded|cost limit exceeded|estimated rule cost|exceeds? .{0,40}cost budget/,
  },
  {
    id: 'webhook-name',
    words: /webhooks\[\d{1,4}\]\.name: (Invalid value: "[^"]{0,200}": should be a domain with at least three segments)/,
    tell: said,
  },
  {
    id: 'review-versions',
    words: /admissionReviewVersions: [^\n]{0,200}?(must (?:specify|include at least) one of v1, v1beta1)/,
    tell: said,
  },
  {
    id: 'webhook-timeout-range',
    words: /timeoutSeconds: (Invalid value: -?\d{1,10}: the timeout value must be between 1 and 30 seconds)/,
    tell: said,
  },
  { id: 'side-effects', words: /\.sideEffects: ((?:Unsupported|Required) value[^\n]{0,150})/, tell: said },
  {
    id: 'webhook-url',
    words: /clientConfig\.url: ((?:Invalid|Required) value[^\n]{0,200})|('https' is the only allowed URL scheme)/,
    tell: ([, value, scheme]) => ({ what: value ?? scheme }),
  },
  { id: 'client-config', words: /(exactly one of url or service is required)/, tell: said },
  { id: 'failure-policy', words: /\.failurePolicy: (Unsupported value[^\n]{0,150})/, tell: said },
  { id: 'too-many-conditions', words: /matchConditions: (Too many[^\n]{0,100})/, tell: said },
  { id: 'policy-reason', words: /validations\[\d{1,4}\]\.reason: (Unsupported value[^\n]{0,200})/, tell: said },
  {
    id: 'binding-actions',
    words:
      /validationActions: [^\n]{0,100}(must not contain both Deny and Warn)|validationActions: (Required value[^\n]{0,100})/,
    tell: ([, both, none]) => ({ what: both ?? none }),
  },
  { id: 'static-name-reserved', words: /names ending with "?\\?"?\.static\.k8s\.io\\?"? are reserved/ },
  {
    id: 'static-reload-failed',
    words: /reloading manifest config"? err="?(?:error loading ([^\n]{1,300}))?/,
    tell: said,
  },
];

/** An expression that cannot be compiled, or fails; after what is known of single ones. */
export const expressionWords: KnownWords = {
  id: 'policy-expression',
  words:
    /(?:expression|messageExpression|valueExpression): Invalid value: [^\n]{0,500}?(compilation failed: ERROR[^\n]{0,200}|must evaluate to \w{1,20}(?: but got \w{1,20})?)|(expression '[^\n]{1,300}' resulted in error: [^\n]{1,200})/,
  tell: ([, compiled, failed]) => ({ what: compiled ?? failed }),
};
