import type { DecisionRecord } from './api.js';
import { objectWords, routeWords } from './decision-rows.js';
import { element, foreign, type Child } from './elements.js';
import { fullMoment } from './moments.js';
import { outcomeBadge } from './outcomes.js';

type Fields = Readonly<Record<string, unknown>>;

/** All that is known of one decision. What this page has no words for is shown as it is. */
export function decisionDetail({ record }: DecisionRecord): readonly HTMLElement[] {
  const time = text(record, 'time') ?? '';
  return [
    headline(record),
    ...breakGlassPart(record),
    ...reasonParts(record),
    ...imagePart(record, time),
    requestPart(record, time),
    ...otherPart(record),
    rawPart(record),
  ];
}

/** What the decision is about, for a heading. */
export function decisionTitle(record: Fields): readonly Child[] {
  const namespace = text(record, 'namespace');
  const name = objectWords({
    name: text(record, 'name'),
    resource: text(record, 'resource'),
    route: text(record, 'route') ?? '',
    outcome: text(record, 'outcome') ?? '',
    imageCount: list(record, 'images').length,
  });
  return namespace === undefined ? [foreign(name)] : [foreign(namespace), ' / ', foreign(name)];
}

function headline(record: Fields): HTMLElement {
  const allowed = record['allowed'] === true;
  const because = text(record, 'because');
  return element(
    'div',
    { class: 'headline' },
    element(
      'p',
      {},
      outcomeBadge(text(record, 'outcome') ?? ''),
      ' ',
      element('strong', {}, allowed ? 'It was let through.' : 'It was refused.'),
      record['dryRun'] === true && ' It was a dry run.',
    ),
    because !== undefined && element('p', { class: 'because' }, 'Because: ', foreign(because)),
  );
}

/** Entries of a list in a record, at most. */
const maxEntries = 50;

const reasonGroups = [
  ['denied', 'What denies', 'bad'],
  ['warned', 'What warns', 'odd'],
  ['audited', 'Only noted', 'plain'],
] as const;

function reasonParts(record: Fields): readonly HTMLElement[] {
  const isTicket = text(record, 'outcome') === 'break-glass';
  const parts = reasonGroups.flatMap(([member, title, kind]) => {
    const reasons = list(record, member);
    if (reasons.length === 0) return [];
    const heading = member === 'denied' && isTicket ? 'What a ticket let through' : title;
    const items = reasons.map((reason) => reasonItem(reason, kind));
    return [
      part(
        `${heading} (${reasons.length}${reasons.length < maxEntries ? '' : ' or more'})`,
        element('ol', { class: 'reasons' }, ...items),
      ),
    ];
  });
  const notes = [waivedWords(record), notAssessedWords(record)].filter((words) => words !== undefined);
  if (parts.length === 0 && notes.length === 0 && text(record, 'because') === undefined) {
    return [part('Reasons', element('p', {}, 'Every rule of the policy is met.'))];
  }
  return notes.length === 0 ? parts : [...parts, part('Not counted', ...notes)];
}

function reasonItem(reason: Fields, kind: string): HTMLElement {
  const code = text(reason, 'code');
  const insteadOf = text(reason, 'insteadOf');
  const fix = text(reason, 'fix');
  return element(
    'li',
    { class: `reason ${kind}` },
    element('p', { class: 'message' }, foreign(text(reason, 'message') ?? '')),
    fix !== undefined && element('p', { class: 'fix' }, element('strong', {}, 'Fix: '), foreign(fix)),
    facts([
      ['Rule', mono(text(reason, 'rule'))],
      ['Check', plain(text(reason, 'check'))],
      ['Code', mono(code)],
      ['Image', mono(text(reason, 'image'))],
      ['Field', mono(text(reason, 'field'))],
      ['Unchanged', insteadOf === undefined ? undefined : foreign(`it would be ${insteadOf}, were the image new`)],
    ]),
  );
}

function waivedWords(record: Fields): HTMLElement | undefined {
  const { waived } = record;
  if (typeof waived !== 'number') return undefined;
  const words = waived === 1 ? 'One thing was' : `${waived} things were`;
  return element('p', {}, `${words} waived by an exception or a time of grace of the policy.`);
}

function notAssessedWords(record: Fields): HTMLElement | undefined {
  const { notAssessed } = record;
  if (!Array.isArray(notAssessed) || notAssessed.length === 0) return undefined;
  const names = notAssessed.filter((name) => typeof name === 'string').join(', ');
  return element('p', {}, 'Rules that were not assessed, and count neither way: ', foreign(names, 'mono'), '.');
}

function imagePart(record: Fields, time: string): readonly HTMLElement[] {
  const images = list(record, 'images');
  const count = typeof record['imageCount'] === 'number' ? record['imageCount'] : images.length;
  if (count === 0) return [part('Images', element('p', {}, 'It names no image.'))];
  const more = count - images.length;
  return [
    part(
      `Images (${count})`,
      element('ol', { class: 'images' }, ...images.map((image) => imageItem(image, time))),
      more > 0 && element('p', { class: 'quiet' }, `${more} more are not in the record.`),
    ),
  ];
}

function imageItem(image: Fields, time: string): HTMLElement {
  const container = text(image, 'container');
  const slot = text(image, 'slot');
  const scannedAt = text(image, 'scannedAt');
  const database = text(image, 'databaseUpdatedAt');
  return element(
    'li',
    {},
    element('p', { class: 'mono image-name' }, foreign(text(image, 'image') ?? '')),
    facts([
      ['Container', mono(container)],
      ['Place', plain(slot)],
      ['Unchanged', image['unchanged'] === true ? foreign('yes: it was there before') : undefined],
      ['Digest', mono(text(image, 'digest'))],
      ['Scan', scanWords(text(image, 'scan'))],
      ['Scanned', scannedAt === undefined ? undefined : fullMoment(scannedAt, time)],
      ['Database of', database === undefined ? undefined : fullMoment(database, time)],
      ['Findings', number(image['findings'])],
      ['Unknowns', number(image['unknowns'])],
    ]),
  );
}

function scanWords(scan: string | undefined): Child {
  if (scan === undefined) return foreign('not asked for');
  if (scan === 'done') return foreign('done');
  return scan === 'SCAN_PENDING' ? foreign('had not ended') : foreign(scan, 'mono');
}

function breakGlassPart(record: Fields): readonly HTMLElement[] {
  const used = record['breakGlass'];
  const refused = text(record, 'breakGlassRefused');
  return [
    ...(isRecord(used)
      ? [
          part(
            'The ticket that let it through',
            facts(Object.entries(used).map(([name, value]) => [name, valueWords(value)])),
          ),
        ]
      : []),
    ...(refused === undefined ? [] : [part('A ticket that does not hold', element('p', {}, foreign(refused)))]),
  ];
}

function requestPart(record: Fields, time: string): HTMLElement {
  const duration = number(record['durationMs']);
  const groups = record['groups'];
  return part(
    'The request',
    facts([
      ['Time', fullMoment(time)],
      ['Here', Number.isNaN(Date.parse(time)) ? undefined : new Date(time).toLocaleString()],
      ['Asked by', foreign(routeWords(text(record, 'route') ?? ''))],
      ['Operation', plain(text(record, 'operation'))],
      ['Resource', mono(text(record, 'resource'))],
      ['Namespace', mono(text(record, 'namespace'))],
      ['Name', mono(text(record, 'name'))],
      ['User', mono(text(record, 'user'))],
      ['Groups', Array.isArray(groups) ? mono(groups.join(', ')) : undefined],
      ['Client', mono(text(record, 'client'))],
      ['uid', mono(text(record, 'uid'))],
      ['Policy', mono(text(record, 'policy'))],
      ['Took', duration && element('span', {}, duration, ' ms')],
    ]),
  );
}

const told: ReadonlySet<string> = new Set(
  'id time msg route uid allowed outcome because user groups client operation resource namespace name dryRun policy images imageCount denied warned audited waived notAssessed breakGlass breakGlassRefused durationMs'.split(
    ' ',
  ),
);

function otherPart(record: Fields): readonly HTMLElement[] {
  const others = Object.entries(record).filter(([name]) => !told.has(name));
  if (others.length === 0) return [];
  return [part('More', facts(others.map(([name, value]) => [name, valueWords(value)])))];
}

function rawPart(record: Fields): HTMLElement {
  const raw = JSON.stringify(record, undefined, 2);
  const copy = element('button', { type: 'button' }, 'Copy');
  copy.addEventListener('click', () => {
    navigator.clipboard.writeText(raw).then(
      () => (copy.textContent = 'Copied'),
      () => (copy.textContent = 'The browser does not let me'),
    );
  });
  const box = element('pre', { tabindex: '0', role: 'region', 'aria-label': 'The record as JSON' }, foreignLines(raw));
  return element('details', { class: 'raw' }, element('summary', {}, 'The record as the audit log has it'), copy, box);
}

/** Line breaks of our own layout stay; all else that is not seen is written out. */
function foreignLines(raw: string): HTMLElement {
  const lines = raw.split('\n');
  return element('code', {}, ...lines.flatMap((line, at) => (at === 0 ? [foreign(line)] : ['\n', foreign(line)])));
}

let parts = 0;

function part(title: string, ...children: readonly Child[]): HTMLElement {
  const id = `part-${++parts}`;
  return element('section', { 'aria-labelledby': id, class: 'part' }, element('h3', { id }, title), ...children);
}

function facts(entries: readonly (readonly [string, Child])[]): HTMLElement | undefined {
  const shown = entries.filter(([, value]) => value !== undefined && value !== false);
  if (shown.length === 0) return undefined;
  return element(
    'dl',
    { class: 'facts' },
    ...shown.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}

function valueWords(value: unknown): Child {
  return foreign(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), 'mono');
}

function mono(words: string | undefined): Child {
  return words === undefined || words === '' ? undefined : foreign(words, 'mono');
}

function plain(words: string | undefined): Child {
  return words === undefined ? undefined : foreign(words);
}

function number(value: unknown): string | undefined {
  return typeof value === 'number' ? value.toLocaleString() : undefined;
}

function text(record: Fields, name: string): string | undefined {
  const value = record[name];
  return typeof value === 'string' ? value : undefined;
}

function list(record: Fields, name: string): readonly Fields[] {
  const value = record[name];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
