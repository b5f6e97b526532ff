import {
  asArray,
  asObject,
  asString,
  asStrings,
  type JsonObject,
  type JsonValue,
  type YamlPath,
} from '../formats/index.js';
import { checkAdmissionPolicies } from './admission-policies.js';
import { checkAuthorities, type CheckAt } from './check-certificates.js';
import { type FaultList, quote, told, type Place } from './fault.js';
import type { FaultId } from './kinds/index.js';
import { nearest } from './nearest.js';
import { readDocuments, type LocatedDocument } from './source-file.js';
import { fromBase64, isLoopback } from './webhook-connection.js';

/** One webhook of a ValidatingWebhookConfiguration. */
export interface ConfiguredWebhook {
  readonly name: string;
  readonly place: Place;
  /** Nothing for a Service. */
  readonly url: URL | undefined;
  /** A Service whose name and port are right. */
  readonly service?: WebhookService | undefined;
  readonly caPem: string | undefined;
  readonly timeoutSeconds: number;
}

/** A Service of the cluster behind which a webhook stands. */
export interface WebhookService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly path: string;
}

/**
 * Checks every ValidatingWebhookConfiguration of a file, and every ValidatingAdmissionPolicy with its binding. Those whose
 * rules have nothing to do with pods are checked for their form only.
 */
export function checkWebhookConfigurations(text: string, file: string, check: CheckAt): readonly ConfiguredWebhook[] {
  const documents = readDocuments(text, file, check.faults).flatMap(unpackList);
  const ours = documents.filter(({ value }) => asObject(value)?.['kind'] === 'ValidatingWebhookConfiguration');
  const policies = checkAdmissionPolicies(documents, check.faults);
  if (ours.length === 0 && policies === 0) {
    check.faults.add('webhook-configuration-kind', documents[0]?.at(['kind']) ?? { file, line: 1 }, {
      what: 'the file holds neither a ValidatingWebhookConfiguration nor a ValidatingAdmissionPolicy',
    });
  }
  return ours.flatMap((document) => checkConfiguration(document, check));
}

/** The objects of a `List`, each as a document. */
export function unpackList(document: LocatedDocument): readonly LocatedDocument[] {
  const root = asObject(document.value);
  const items = root?.['kind'] === 'List' ? asArray(root['items']) : undefined;
  return items?.map((item, at) => document.below(['items', at], item)) ?? [document];
}

const webhookFields = [
  'name',
  'clientConfig',
  'rules',
  'failurePolicy',
  'matchPolicy',
  'namespaceSelector',
  'objectSelector',
  'sideEffects',
  'timeoutSeconds',
  'admissionReviewVersions',
  'matchConditions',
] as const;

function checkConfiguration(document: LocatedDocument, check: CheckAt): readonly ConfiguredWebhook[] {
  const { faults } = check;
  const root = asObject(document.value) ?? {};
  if (root['apiVersion'] !== 'admissionregistration.k8s.io/v1') {
    faults.add('webhook-configuration-kind', document.at(['apiVersion']), {
      what: `apiVersion is ${told(root['apiVersion'])}`,
    });
  }
  unknownFields(document, [], { value: root, known: ['apiVersion', 'kind', 'metadata', 'webhooks'], faults });
  const seen = new Set<string>();
  return (asArray(root['webhooks']) ?? []).flatMap((item, index) => {
    const value = asObject(item);
    if (value === undefined) return [];
    const webhook = new Webhook(document, index, value, check);
    const found = webhook.check();
    if (seen.has(found.name))
      faults.add('webhook-name-twice', found.place, { what: `${quote(found.name)} stands twice` });
    seen.add(found.name);
    return [found];
  });
}

function unknownFields(
  document: LocatedDocument,
  path: YamlPath,
  {
    value,
    known,
    faults,
  }: { readonly value: JsonObject; readonly known: readonly string[]; readonly faults: FaultList },
): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    faults.add('webhook-field-unknown', document.at([...path, key]), {
      what: `the field ${quote(key)} is not known here`,
      fix: meant === undefined ? undefined : `write ${meant}`,
    });
  }
}

class Webhook {
  readonly #document: LocatedDocument;
  readonly #path: YamlPath;
  readonly #value: JsonObject;
  readonly #check: CheckAt;
  readonly #faults: FaultList;

  constructor(document: LocatedDocument, index: number, value: JsonObject, check: CheckAt) {
    this.#document = document;
    this.#path = ['webhooks', index];
    this.#value = value;
    this.#check = check;
    this.#faults = check.faults;
  }

  check(): ConfiguredWebhook {
    unknownFields(this.#document, this.#path, { value: this.#value, known: webhookFields, faults: this.#faults });
    const name = asString(this.#value['name']) ?? '';
    if (!/^[a-z0-9][-a-z0-9]*(?:\.[a-z0-9][-a-z0-9]*){2,}$/.test(name)) {
      this.#add('webhook-name', 'name', `the webhook is named ${quote(name)}`);
    }
    this.#checkVersions();
    const timeoutSeconds = this.#checkTimeout();
    const failsClosed = this.#checkFailurePolicy();
    const rules = this.#rules();
    const coversPods = rules.some(({ resources }) => resources.some((one) => one === 'pods' || isEverything(one)));
    if (rules.length === 0) this.#add('rules-missing', 'rules', 'there are no rules');
    if (coversPods) this.#checkRules(rules);
    this.#checkConditions();
    const service = asObject(asObject(this.#value['clientConfig'])?.['service']);
    if (coversPods && failsClosed) this.#checkSelector(asString(service?.['namespace']));
    if (
      this.#value['objectSelector'] !== undefined &&
      Object.keys(asObject(this.#value['objectSelector']) ?? {}).length > 0
    ) {
      this.#add('object-selector', 'objectSelector', 'objectSelector decides by labels of the object');
    }
    if (this.#value['matchPolicy'] === 'Exact') this.#add('match-policy-exact', 'matchPolicy', 'matchPolicy is Exact');
    return { name, place: this.#at('clientConfig'), ...this.#clientConfig(), timeoutSeconds };
  }

  #at(...path: YamlPath): Place {
    return this.#document.at([...this.#path, ...path]);
  }

  #add(id: FaultId, field: string, what: string): void {
    this.#faults.add(id, this.#at(field), { what });
  }

  #checkVersions(): void {
    const versions = asStrings(this.#value['admissionReviewVersions']);
    if (versions === undefined || !versions.some((version) => version === 'v1' || version === 'v1beta1')) {
      const is = versions === undefined ? 'missing or no list of texts' : versions.slice(0, 5).join(', ') || 'empty';
      this.#add('review-versions', 'admissionReviewVersions', `admissionReviewVersions is ${is}`);
    }
    const sideEffects = this.#value['sideEffects'];
    if (sideEffects === 'None' || sideEffects === 'NoneOnDryRun') return;
    this.#add('side-effects', 'sideEffects', `sideEffects is ${told(sideEffects)}`);
  }

  #checkTimeout(): number {
    const timeout = this.#value['timeoutSeconds'] ?? 10;
    if (typeof timeout !== 'number' || !Number.isInteger(timeout) || timeout < 1 || timeout > 30) {
      this.#add('webhook-timeout-range', 'timeoutSeconds', `timeoutSeconds is ${told(timeout)}`);
      return 10;
    }
    if (timeout > 15 && this.#value['failurePolicy'] !== 'Ignore') {
      this.#add('webhook-timeout-long', 'timeoutSeconds', `timeoutSeconds is ${timeout}`);
    }
    if (timeout < 3) this.#add('webhook-timeout-short', 'timeoutSeconds', `timeoutSeconds is ${timeout}`);
    return timeout;
  }

  #checkFailurePolicy(): boolean {
    const policy = this.#value['failurePolicy'] ?? 'Fail';
    if (policy === 'Ignore') this.#add('failure-policy-ignore', 'failurePolicy', 'failurePolicy is Ignore');
    else if (policy !== 'Fail') this.#add('failure-policy', 'failurePolicy', `failurePolicy is ${told(policy)}`);
    return policy !== 'Ignore';
  }

  #rules(): readonly Rule[] {
    return (asArray(this.#value['rules']) ?? []).map((item) => {
      const rule = asObject(item) ?? {};
      return {
        groups: asStrings(rule['apiGroups']) ?? [],
        versions: asStrings(rule['apiVersions']) ?? [],
        scope: rule['scope'] ?? '*',
        resources: asStrings(rule['resources']) ?? [],
        operations: asStrings(rule['operations']) ?? [],
      };
    });
  }

  #checkRules(rules: readonly Rule[]): void {
    const resources = rules.flatMap((rule) => rule.resources);
    if (!resources.some((one) => one === 'pods/ephemeralcontainers' || one === 'pods/*' || one === '*/*')) {
      this.#add('rules-without-ephemeral', 'rules', 'the rules do not name pods/ephemeralcontainers');
    }
    const named = rules.filter((rule) => rule.resources.some((one) => one === 'pods' || isEverything(one)));
    // Pods are of the group without a name, in v1, and in namespaces.
    const pods = named.filter(
      ({ groups, versions, scope }) =>
        groups.some((one) => one === '' || one === '*') &&
        versions.some((one) => one === 'v1' || one === '*') &&
        scope !== 'Cluster',
    );
    if (pods.length === 0) {
      this.#add('rules-missing', 'rules', 'the rule for pods has another apiGroup, apiVersion or scope than pods have');
      return;
    }
    const operations = new Set(pods.flatMap((rule) => rule.operations));
    const covers = (operation: string): boolean => operations.has('*') || operations.has(operation);
    if (!covers('CREATE')) this.#add('rules-missing', 'rules', 'the rules for pods do not name CREATE');
    if (!covers('UPDATE')) this.#add('rules-without-update', 'rules', 'the rules for pods do not name UPDATE');
    if (rules.some((rule) => rule.groups.includes('*') && rule.resources.some(isEverything))) {
      this.#add('rules-too-wide', 'rules', 'a rule covers everything of every group');
    }
  }

  /** Who is excluded? Understood are expressions over the label that Kubernetes itself sets, and labels of one's own. */
  #checkSelector(namespace: string | undefined): void {
    const selector = asObject(this.#value['namespaceSelector']);
    const expressions = (asArray(selector?.['matchExpressions']) ?? []).flatMap((one): JsonObject[] => {
      const expression = asObject(one);
      return expression === undefined ? [] : [expression];
    });
    const excludes = (name: string): boolean =>
      expressions.some((expression) => excludesByName(expression, name)) || this.#conditionExcludes(name);
    const own = expressions.filter(({ key }) => key !== namespaceLabel);
    const labels = Object.keys(asObject(selector?.['matchLabels']) ?? {}).filter((key) => key !== namespaceLabel);
    // A selector that takes only what is labelled leaves every other namespace out, ours too.
    const isOptIn =
      labels.length > 0 ||
      own.some(({ operator }) => operator === 'In' || operator === 'Exists') ||
      this.#isFor(expressions);
    const isOptOut = own.some(({ operator }) => operator === 'NotIn' || operator === 'DoesNotExist');
    if (isOptOut || isOptIn) {
      const label = labels[0] ?? asString(own[0]?.['key']);
      if (label !== undefined) {
        this.#add(
          'selector-by-own-label',
          'namespaceSelector',
          `namespaceSelector selects by the label ${quote(label)}`,
        );
      }
    }
    if (isOptIn) return;
    if (namespace !== undefined && !excludes(namespace)) {
      this.#faults.add('own-namespace-not-excluded', this.#at('namespaceSelector'), {
        what: `the webhook runs in the namespace ${quote(namespace)}, which is not excluded`,
        severity: isOptOut ? 'warning' : undefined,
      });
    }
    if (!excludes('kube-system') && !isOptOut) {
      this.#add('kube-system-not-excluded', 'namespaceSelector', 'kube-system is not excluded');
    }
  }

  #isFor(expressions: readonly JsonObject[]): boolean {
    const matchLabels = asObject(asObject(this.#value['namespaceSelector'])?.['matchLabels']);
    return (
      matchLabels?.[namespaceLabel] !== undefined ||
      expressions.some(({ key, operator }) => key === namespaceLabel && operator === 'In')
    );
  }

  #conditionExcludes(name: string): boolean {
    return this.#conditions().some(
      ({ expression }) =>
        expression.includes('request.namespace') && /!=|!\s*\(/.test(expression) && expression.includes(name),
    );
  }

  #conditions(): readonly { readonly expression: string; readonly index: number }[] {
    return (asArray(this.#value['matchConditions']) ?? []).map((item, index) => ({
      expression: asString(asObject(item)?.['expression']) ?? '',
      index,
    }));
  }

  #checkConditions(): void {
    const conditions = this.#conditions();
    if (conditions.length > 64) {
      this.#add('too-many-conditions', 'matchConditions', `there are ${conditions.length} matchConditions`);
    }
    for (const { expression, index } of conditions) {
      if (!expression.includes('request.subResource') || expression.includes('has(request.subResource)')) continue;
      this.#faults.add('condition-sub-resource', this.#at('matchConditions', index, 'expression'), {
        what: 'the condition reads request.subResource without has(request.subResource)',
      });
    }
  }

  #clientConfig(): Pick<ConfiguredWebhook, 'url' | 'service' | 'caPem'> {
    const config = asObject(this.#value['clientConfig']) ?? {};
    unknownFields(this.#document, [...this.#path, 'clientConfig'], {
      value: config,
      known: ['url', 'service', 'caBundle'],
      faults: this.#faults,
    });
    const url = asString(config['url']);
    const service = asObject(config['service']);
    if ((url === undefined) === (service === undefined)) {
      const which = url === undefined ? 'neither url nor service' : 'both url and service';
      this.#add('client-config', 'clientConfig', `clientConfig has ${which}`);
    }
    return {
      url: url === undefined ? undefined : this.#checkUrl(url),
      service: service && this.#checkService(service),
      caPem: this.#checkBundle(config['caBundle']),
    };
  }

  #checkService(service: JsonObject): WebhookService | undefined {
    const place = this.#at('clientConfig', 'service');
    const { name, namespace, port = 443, path = '/' } = service;
    const wrong = (what: string): undefined => {
      this.#faults.add('webhook-service', place, { what });
    };
    if (typeof name !== 'string' || typeof namespace !== 'string' || name === '' || namespace === '') {
      return wrong('the service lacks its name or namespace');
    }
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) {
      return wrong(`the port is ${told(port)}`);
    }
    if (typeof path !== 'string' || !path.startsWith('/')) return wrong(`the path is ${told(path)}`);
    return { namespace, name, port, path };
  }

  #checkUrl(text: string): URL | undefined {
    const place = this.#at('clientConfig', 'url');
    let url: URL;
    try {
      url = new URL(text);
    } catch {
      this.#faults.add('webhook-url', place, { what: `the URL is ${quote(text)}` });
      return undefined;
    }
    const isWrong = url.protocol !== 'https:' || url.username !== '' || text.includes('#') || text.includes('?');
    if (isWrong) {
      const shown = url.username === '' ? text : text.replace(/\/\/[^@]*@/, '//***@');
      this.#faults.add('webhook-url', place, { what: `the URL is ${quote(shown)}` });
      return undefined;
    }
    if (/\.svc(?:\.|$)/.test(url.hostname)) {
      this.#faults.add('service-name', place, {
        what: `${url.hostname} is the name of a Service`,
        fix: 'write service: with name, namespace and port instead of url',
      });
    }
    return url;
  }

  #checkBundle(bundle: JsonValue | undefined): string | undefined {
    const place = this.#at('clientConfig', 'caBundle');
    if (bundle === undefined || bundle === null || bundle === '') {
      const host = asString(asObject(this.#value['clientConfig'])?.['url']) ?? '';
      const why = isLoopback(host) ? 'error' : undefined;
      this.#faults.add('ca-bundle-missing', place, { what: 'there is no caBundle', severity: why });
      return undefined;
    }
    const pem = typeof bundle === 'string' ? fromBase64(bundle) : undefined;
    if (pem === undefined) {
      const isPem = typeof bundle === 'string' && bundle.includes('-----BEGIN');
      this.#faults.add('ca-bundle-invalid', place, {
        what: isPem ? 'caBundle is the PEM text itself, not base64 of it' : 'caBundle is no base64',
      });
      return undefined;
    }
    return checkAuthorities({ pem, place }, this.#check, 'ca-bundle-invalid').length > 0 ? pem : undefined;
  }
}

interface Rule {
  readonly groups: readonly string[];
  readonly versions: readonly string[];
  readonly scope: JsonValue;
  readonly resources: readonly string[];
  readonly operations: readonly string[];
}

const namespaceLabel = 'kubernetes.io/metadata.name';

function isEverything(resource: string): boolean {
  return resource === '*' || resource === '*/*';
}

function excludesByName({ key, operator, values }: JsonObject, name: string): boolean {
  return key === namespaceLabel && operator === 'NotIn' && (asStrings(values) ?? []).includes(name);
}
