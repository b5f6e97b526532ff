/** What a list shows of a decision. Texts are cut to what a list can show; the record has them whole. */
export interface DecisionSummary {
  readonly time: string;
  readonly outcome: string;
  readonly allowed: boolean;
  readonly route: string;
  readonly operation: string | undefined;
  readonly resource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly user: string | undefined;
  readonly client: string | undefined;
  readonly dryRun: true | undefined;
  /** The first ones. */
  readonly images: readonly string[];
  readonly imageCount: number;
  /** The first thing that denies, warns or is noted, or why nothing was judged. */
  readonly reason: ReasonSummary | undefined;
  /** How many things there are like the first. */
  readonly reasonCount: number;
  readonly durationMs: number | undefined;
}

export interface ReasonSummary {
  readonly rule: string | undefined;
  readonly message: string;
}

const maxText = 300;
const maxImages = 3;
const maxSoughtText = 64 * 1024;

/** Of a record as the audit log has it. What is missing in it is missing here. */
export function summaryOf(record: object): DecisionSummary {
  const images = listIn(record, 'images').flatMap((image) => textIn(image, 'image') ?? []);
  const count: unknown = Reflect.get(record, 'imageCount');
  const reasons = ['denied', 'warned', 'audited'].map((name) => listIn(record, name)).find((list) => list.length > 0);
  const because = textIn(record, 'because');
  const first = reasons?.[0];
  const duration: unknown = Reflect.get(record, 'durationMs');
  return {
    time: textIn(record, 'time') ?? '',
    outcome: textIn(record, 'outcome') ?? '',
    allowed: Reflect.get(record, 'allowed') === true,
    route: textIn(record, 'route') ?? '',
    operation: textIn(record, 'operation'),
    resource: textIn(record, 'resource'),
    namespace: textIn(record, 'namespace'),
    name: textIn(record, 'name'),
    user: textIn(record, 'user'),
    client: textIn(record, 'client'),
    dryRun: Reflect.get(record, 'dryRun') === true ? true : undefined,
    images: images.slice(0, maxImages),
    imageCount: typeof count === 'number' ? count : images.length,
    reason: first
      ? { rule: textIn(first, 'rule'), message: textIn(first, 'message') ?? '' }
      : because === undefined
        ? undefined
        : { rule: undefined, message: because },
    reasonCount: reasons?.length ?? (because === undefined ? 0 : 1),
    durationMs: typeof duration === 'number' ? duration : undefined,
  };
}

/** All texts of a record that somebody may look for, in lower case. */
export function soughtTextOf(record: object): string {
  const texts: string[] = [];
  let room = maxSoughtText;
  const visit = (value: unknown, depth: number): void => {
    if (room <= 0) return;
    if (typeof value === 'string') {
      texts.push(value.slice(0, room));
      room -= value.length + 1;
    } else if (typeof value === 'object' && value !== null && depth < 4) {
      for (const member of Object.values(value)) visit(member, depth + 1);
    }
  };
  for (const [name, value] of Object.entries(record)) if (!unsought.has(name)) visit(value, 0);
  return texts.join('\n').toLowerCase();
}

/** When the vulnerability database changed that the images of a record were judged with. */
export function databaseDateIn(record: object): string | undefined {
  return listIn(record, 'images').flatMap((image) => textIn(image, 'databaseUpdatedAt') ?? [])[0];
}

/** Members that say the same for all. */
const unsought: ReadonlySet<string> = new Set(['time', 'msg', 'route', 'outcome', 'policy', 'groups']);

function listIn(record: object, name: string): readonly object[] {
  const value: unknown = Reflect.get(record, name);
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'object' && entry !== null) : [];
}

function textIn(record: object, name: string): string | undefined {
  const value: unknown = Reflect.get(record, name);
  return typeof value === 'string' ? value.slice(0, maxText) : undefined;
}
