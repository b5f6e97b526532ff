import type { ExpressionInput } from '../../expressions/index.js';
import { defaultTag, isOfficialImage, type Reference } from '../../reference/index.js';
import type { Fact } from '../document/fact.js';
import type { ExpressionEntry } from '../document/policy.js';
import { expressionVariables, variableNames } from '../document/expression-variables.js';
import { gapsOfFindings } from './gaps.js';
import type { VariableSource } from './rule-check.js';
import type { FindingFact, PolicySubject, ScanFacts, SubjectImage, UnknownFact } from './subject.js';

/** An image with its name read. */
export interface NamedImage {
  readonly image: SubjectImage;
  readonly reference: Reference | undefined;
}

/** What of a subject, or of one of its images, expressions may ask about. */
export class ExpressionFacts {
  readonly #subject: PolicySubject;
  readonly #images: readonly NamedImage[];
  readonly #now: Date;
  #imageInputs: readonly ExpressionInput[] | undefined;

  constructor(subject: PolicySubject, images: readonly NamedImage[], now: Date) {
    this.#subject = subject;
    this.#images = images;
    this.#now = now;
  }

  /** What an expression needs and the subject does not carry; of `image` where it is asked of one. */
  missingFor({ expression, needs }: ExpressionEntry, image: NamedImage | undefined): readonly Fact[] {
    const mentions = variableNames.filter((name) => expression.mentions.has(name));
    return needs.filter((fact) => {
      if (fact === 'scan') return !image?.image.scan;
      if (fact === 'object') return this.#isObjectMissing(mentions);
      if (fact === 'name' && image && !mentions.includes('images')) return !image.reference;
      if (fact === 'name') return this.#images.some((one) => one.image.nameless);
      return mentions.some((name) => expressionVariables[name].needs === fact && this.ofSubject(name) === undefined);
    });
  }

  #isObjectMissing(mentions: readonly string[]): boolean {
    const { source, podSpec, sourceGap } = this.#subject;
    if (sourceGap !== undefined) return false;
    return (
      (mentions.includes('object') && source === undefined) || (mentions.includes('podSpec') && podSpec === undefined)
    );
  }

  /** Is it about a pod, and the object has none? */
  isForNobody({ expression }: ExpressionEntry): boolean {
    return this.#subject.podSpec === 'none' && expression.mentions.has('podSpec');
  }

  /** The object that should be there. */
  get sourceGap(): string | undefined {
    return this.#subject.source === undefined ? this.#subject.sourceGap : undefined;
  }

  readonly ofSubject: VariableSource = (name) => {
    const { source, podSpec, namespace, labels, request } = this.#subject;
    switch (name) {
      case 'object':
        return source;
      case 'podSpec':
        return podSpec === 'none' ? undefined : podSpec;
      case 'images':
        return (this.#imageInputs ??= this.#images.map(imageInput));
      case 'namespaceName':
        return namespace;
      case 'labels':
        return labels;
      case 'operation':
        return request?.operation;
      case 'user':
        return request?.user;
      case 'groups':
        return request?.groups;
      case 'request':
        return requestInput(this.#subject);
      case 'now':
        return this.#now;
      default:
        return undefined;
    }
  };

  /** `findings` are those that count. */
  ofImage(named: NamedImage, facts: ScanFacts | undefined, findings: readonly FindingFact[]): VariableSource {
    let made: readonly ExpressionInput[] | undefined;
    return (name) => {
      switch (name) {
        case 'image':
          return imageInput(named);
        case 'findings':
          return (made ??= findings.map(findingInput));
        case 'scannedAt':
          return momentOf(facts?.scannedAt);
        case 'databaseUpdatedAt':
          return momentOf(facts?.databaseUpdatedAt);
        default:
          return this.ofSubject(name);
      }
    };
  }
}

/** What the scan could not find out of that which an expression asks about. */
export function gapsOfScan({ expression }: ExpressionEntry, facts: ScanFacts): readonly UnknownFact[] {
  const gaps: UnknownFact[] = [];
  if (expression.mentions.has('findings')) gaps.push(...gapsOfFindings(facts));
  if (expression.mentions.has('scannedAt') && !momentOf(facts.scannedAt)) {
    gaps.push({ code: 'SCAN_AGE_UNKNOWN', subject: '', reason: 'the day of the scan is not known' });
  }
  if (expression.mentions.has('databaseUpdatedAt') && !momentOf(facts.databaseUpdatedAt)) {
    gaps.push({ code: 'DATABASE_AGE_UNKNOWN', subject: '', reason: 'the day of the database is not known' });
  }
  return gaps;
}

/** All of it or none: what is not told must not look like nobody. */
function requestInput({ namespace, request }: PolicySubject): ExpressionInput | undefined {
  const { operation, user, groups } = request ?? {};
  if (operation === undefined || user === undefined || groups === undefined) return undefined;
  return { operation, namespace, userInfo: { username: user, groups } };
}

function imageInput({ image, reference }: NamedImage): ExpressionInput {
  const { text, place } = image;
  return {
    text,
    registry: reference?.registry,
    repository: reference?.repository,
    // Whoever pulls a name without either gets this tag.
    tag: reference && (reference.tag ?? (reference.digest === undefined ? defaultTag : undefined)),
    digest: reference?.digest,
    official: reference && isOfficialImage(reference).official,
    slot: place?.slot,
    container: place?.name,
  };
}

function findingInput(finding: FindingFact): ExpressionInput {
  return {
    id: finding.vulnerabilityId,
    package: finding.packageName,
    installed: finding.installedVersion,
    fixed: finding.fixedVersion,
    severity: finding.severity,
    cvss: finding.cvss,
    published: momentOf(finding.publishedAt),
    firstSeen: momentOf(finding.firstSeenAt),
  };
}

function momentOf(text: string | undefined): Date | undefined {
  const moment = new Date(text ?? '');
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}
