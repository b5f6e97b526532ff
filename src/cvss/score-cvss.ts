// One object: the package is CommonJS, whose names Node.js cannot tell apart without running it.
import calculator, { type Cvss2, type Cvss3P0, type Cvss3P1, type Cvss4P0 } from 'ae-cvss-calculator';
import type { Severity } from '../findings/index.js';

/** What a vector is worth. */
export interface CvssScore {
  readonly version: '2.0' | '3.0' | '3.1' | '4.0';
  /** 0 to 10, one decimal. */
  readonly score: number;
  /** By the version's own scale; UNKNOWN where that says "none". */
  readonly severity: Severity;
}

/**
 * Scores a CVSS vector of any version; `undefined` for a text that is no complete, valid vector. Never throws.
 * Of versions 2 and 3 it is the base score, of version 4 the score of all the metrics that the vector names, because
 * that is what databases publish as a vector's score.
 */
export function scoreCvss(vector: string): CvssScore | undefined {
  if (vector.length > longestVector) return undefined;
  const version = versionOf(vector);
  if (!version) return undefined;
  const score = calculate(version, vector);
  return score === undefined ? undefined : { version, score, severity: severityOfScore(score, version) };
}

const longestVector = 512;

type CvssVersion = CvssScore['version'];

const prefixes: readonly (readonly [prefix: string, version: CvssVersion])[] = [
  ['CVSS:4.0/', '4.0'],
  ['CVSS:3.1/', '3.1'],
  ['CVSS:3.0/', '3.0'],
];

/** The version, if every metric is written as one and none comes twice. */
function versionOf(vector: string): CvssVersion | undefined {
  const [prefix, version] = prefixes.find(([start]) => vector.startsWith(start)) ?? ['', '2.0'];
  const metrics = vector.slice(prefix.length).split('/');
  if (!metrics.every((metric) => /^[A-Za-z]+:[A-Za-z]+$/.test(metric))) return undefined;
  const names = new Set(metrics.map((metric) => metric.slice(0, metric.indexOf(':'))));
  return names.size === metrics.length ? version : undefined;
}

function calculate(version: CvssVersion, vector: string): number | undefined {
  try {
    const model = createModel(version, vector);
    if (!model.isBaseFullyDefined()) return undefined;
    const scores = model.calculateScores();
    const score = version === '4.0' ? scores.overall : scores.base;
    return score !== undefined && Number.isFinite(score) ? score : undefined;
  } catch {
    // The library's way to say that a metric or a value does not exist.
    return undefined;
  }
}

function createModel(version: CvssVersion, vector: string): Cvss2 | Cvss3P0 | Cvss3P1 | Cvss4P0 {
  switch (version) {
    case '2.0':
      return new calculator.Cvss2(vector);
    case '3.0':
      return new calculator.Cvss3P0(vector);
    case '3.1':
      return new calculator.Cvss3P1(vector);
    default:
      return new calculator.Cvss4P0(vector);
  }
}

function severityOfScore(score: number, version: CvssVersion): Severity {
  if (version === '2.0') return score >= 7 ? 'HIGH' : score >= 4 ? 'MEDIUM' : 'LOW';
  if (score >= 9) return 'CRITICAL';
  if (score >= 7) return 'HIGH';
  if (score >= 4) return 'MEDIUM';
  return score > 0 ? 'LOW' : 'UNKNOWN';
}
