import type { ListedDecision } from './api.js';
import { element, foreign, type Child } from './elements.js';
import { shortMoment } from './moments.js';
import { outcomeBadge } from './outcomes.js';

const columns = ['Time', 'Outcome', 'Object', 'Images', 'Who', 'Why'] as const;

/** An empty table of decisions; roles are written out, because narrow screens lay it out as cards. */
export function decisionTable(): { readonly table: HTMLElement; readonly body: HTMLElement } {
  const body = element('tbody', { role: 'rowgroup' });
  const heads = columns.map((name) => element('th', { role: 'columnheader', scope: 'col' }, name));
  const table = element(
    'table',
    { role: 'table', class: 'decisions', 'aria-label': 'Decisions, the newest first' },
    element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...heads)),
    body,
  );
  return { table, body };
}

/** One line; its link opens the decision. */
export function decisionRow(decision: ListedDecision, address: string): HTMLElement {
  const { id, time, outcome, namespace, resource, operation, images, imageCount, user, client, reason } = decision;
  const title = objectWords(decision);
  const kind = [resource, operation?.toLowerCase(), decision.dryRun && 'dry run'].filter((word) => word !== undefined);
  const link = element(
    'a',
    { href: address, class: 'open' },
    namespace !== undefined && foreign(namespace, 'namespace'),
    namespace !== undefined && element('span', { class: 'quiet' }, ' / '),
    foreign(title),
  );
  const more = imageCount - images.length;
  const others = decision.reasonCount - 1;
  const row = element(
    'tr',
    { role: 'row', 'data-id': id },
    cell('time', shortMoment(time)),
    cell('outcome', outcomeBadge(outcome)),
    cell(
      'object',
      link,
      element('span', { class: 'quiet small' }, foreign(kind.join(', ') || routeWords(decision.route))),
    ),
    cell(
      'images',
      ...images.map((image) => foreign(imageWords(image), 'image')),
      more > 0 && element('span', { class: 'quiet small' }, `and ${more} more`),
      imageCount === 0 && element('span', { class: 'quiet' }, 'no image'),
    ),
    cell('who', ...whoWords(user, client)),
    cell(
      'why',
      reason
        ? element('p', {}, reason.rule !== undefined && foreign(reason.rule, 'rule'), ' ', foreign(reason.message))
        : element('span', { class: 'quiet' }, 'nothing against it'),
      others > 0 && element('span', { class: 'quiet small' }, `and ${others} more`),
    ),
  );
  return row;
}

/** What tells images apart is the name; of a digest its beginning does. */
function imageWords(image: string): string {
  const at = image.lastIndexOf('@') + 1;
  const isPinned = at > 0 && /^sha(?:256|512):[0-9a-f]{32,}$/.test(image.slice(at));
  return isPinned ? `${image.slice(0, at + 'sha256:'.length + 12)}\u2026` : image;
}

/** Most pods are made by accounts of services, whose names all begin alike. */
function whoWords(user: string | undefined, client: string | undefined): readonly Child[] {
  if (user === undefined) return [foreign(client ?? 'not told', 'quiet')];
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  if (namespace === undefined || name === undefined) return [foreign(user)];
  return [foreign(`${namespace}/${name}`), element('span', { class: 'quiet small' }, 'service account')];
}

/** The object's name, or what can be said where a review has none. */
export function objectWords(
  decision: Pick<ListedDecision, 'name' | 'resource' | 'route' | 'outcome' | 'imageCount'>,
): string {
  const { name, resource, route, outcome, imageCount } = decision;
  if (name !== undefined && name !== '') return name;
  if (resource !== undefined) return `${resource}, not named yet`;
  if (outcome === 'error' && imageCount === 0) return 'a review that could not be read';
  return route === 'imageReview' ? 'a pod' : 'a question about images';
}

/** The protocols by the names that operators know. */
export function routeWords(route: string): string {
  return protocols.get(route) ?? route;
}

const protocols: ReadonlyMap<string, string> = new Map([
  ['imageReview', 'ImagePolicyWebhook'],
  ['admissionReview', 'ValidatingAdmissionWebhook'],
  ['opa', 'asked as OPA is'],
  ['gatekeeper', 'Gatekeeper'],
]);

function cell(name: string, ...children: readonly Child[]): HTMLElement {
  return element('td', { role: 'cell', class: `cell-${name}` }, ...children);
}
