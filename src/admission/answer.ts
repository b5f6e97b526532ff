import { clipText, plainLine } from '../report/index.js';
import type { Reason } from '../policy/index.js';
import { breakGlassWords } from './break-glass.js';
import type { Envelope } from './review.js';
import type { AdmissionVerdict } from './verdict.js';
import { denialMessage, reasonLine, warningTexts } from './verdict-words.js';

export interface AnswerFacts {
  /** Of the policy that judged. */
  readonly policy: string;
}

/** The document that the API server is told, in the version it asked in; to be sent with status 200. */
export function answerDocument(envelope: Envelope, verdict: AdmissionVerdict, facts: AnswerFacts): object {
  return envelope.route === 'imageReview'
    ? imageReviewAnswer(verdict, facts)
    : admissionAnswer(envelope, verdict, facts);
}

function imageReviewAnswer(verdict: AdmissionVerdict, facts: AnswerFacts): object {
  const { allowed } = verdict;
  return {
    apiVersion: 'imagepolicy.k8s.io/v1alpha1',
    kind: 'ImageReview',
    status: {
      allowed,
      ...(allowed ? {} : { reason: denialMessage(verdict) }),
      auditAnnotations: auditAnnotations(verdict, facts),
    },
  };
}

function admissionAnswer({ version, uid }: Envelope, verdict: AdmissionVerdict, facts: AnswerFacts): object {
  const { allowed } = verdict;
  const warnings = warningTexts(verdict);
  return {
    apiVersion: version,
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed,
      ...(allowed ? {} : { status: denialStatus(verdict) }),
      ...(warnings.length === 0 ? {} : { warnings }),
      auditAnnotations: auditAnnotations(verdict, facts),
    },
  };
}

const maxCauses = 20;

function denialStatus(verdict: AdmissionVerdict): object {
  const causes = verdict.reasons.flatMap((reason) => causeOf(reason) ?? []).slice(0, maxCauses);
  return {
    status: 'Failure',
    message: denialMessage(verdict),
    reason: 'Forbidden',
    code: 403,
    ...(causes.length === 0 ? {} : { details: { causes } }),
  };
}

function causeOf(reason: Reason): object | undefined {
  const field = reason.place?.field;
  if (field === undefined) return undefined;
  return { reason: 'FieldValueForbidden', message: clipText(reasonLine(reason), 500), field: plainLine(field) };
}

/** Longest value; keys are names without a prefix. */
const maxAnnotation = 1000;

function auditAnnotations(verdict: AdmissionVerdict, { policy }: AnswerFacts): Readonly<Record<string, string>> {
  const { outcome, because, reasons, warnings, audits, breakGlass, ticketProblem, notAssessed } = verdict;
  const decision = verdict.allowed ? 'allow' : 'deny';
  const entries: readonly (readonly [string, string | undefined])[] = [
    ['decision', decision],
    ['outcome', outcome],
    ['policy', policy],
    ['because', because],
    ['rules', rulesOf(reasons)],
    ['warned-rules', rulesOf(warnings)],
    ['audited-rules', rulesOf(audits)],
    ['audit', audits.length === 0 ? undefined : audits.map(reasonLine).join('; ')],
    [
      'not-assessed',
      notAssessed.length === 0 ? undefined : [...new Set(notAssessed.map(({ rule }) => rule))].join(', '),
    ],
    ['break-glass', breakGlass && breakGlassWords(breakGlass)],
    ['break-glass-refused', ticketProblem],
  ];
  return Object.fromEntries(
    entries.flatMap(([key, value]) =>
      value === undefined || value === '' ? [] : [[key, clipText(plainLine(value), maxAnnotation)]],
    ),
  );
}

function rulesOf(reasons: readonly Reason[]): string | undefined {
  return reasons.length === 0 ? undefined : [...new Set(reasons.map(({ rule }) => rule))].join(', ');
}
