import { severities } from '../../findings/index.js';
import type { ManifestResult } from './result.js';

/** The report as a document for programs; its schema is published with the package. In pieces, with a line end. */
export function* manifestJson({ report, verdict, skippedFiles, toolVersion }: ManifestResult): Iterable<string> {
  const counts = Object.fromEntries(
    severities
      .toReversed()
      .map((severity) => [severity, report.findings.filter((one) => one.severity === severity).length]),
  );
  const head = {
    schemaVersion: report.schemaVersion,
    tool: { name: 'tidewaiter', version: toolVersion },
    verdict,
    files: report.files,
    skippedFiles,
    documents: report.documents,
    objects: report.objects,
    workloads: report.workloads,
    severities: counts,
  };
  yield JSON.stringify(head, null, 2).replace(/\n\}$/, '');
  yield* list('findings', report.findings);
  yield* list('suppressed', report.suppressed);
  yield* list('unusedSuppressions', report.unusedSuppressions);
  yield* list('unknowns', report.unknowns);
  yield* list('podSecurity', report.podSecurity);
  yield '\n}\n';
}

/** Item by item: a report may be longer than one text can be. */
function* list(name: string, items: readonly unknown[]): Iterable<string> {
  yield `,\n  "${name}": [`;
  for (const [at, item] of items.entries()) {
    yield `${at === 0 ? '' : ','}\n    ${JSON.stringify(item, null, 2).replaceAll('\n', '\n    ')}`;
  }
  yield items.length === 0 ? ']' : '\n  ]';
}
