import { readFirstYaml, readYamlStream, type JsonValue, type YamlDocument, type YamlPath } from '../formats/index.js';
import type { FaultId } from './kinds/index.js';
import { FaultList, quote, type Place } from './fault.js';

/** A document and the file that it is written in: values by path, and where each of them stands. */
export interface LocatedDocument {
  readonly file: string;
  readonly value: JsonValue;
  /** Where a value is written, or the nearest one around it. */
  at(path: YamlPath): Place;
  /** What is below a path, as a document of its own. */
  below(path: YamlPath, value: JsonValue): LocatedDocument;
}

export interface ReadAs {
  /** What to say when nothing is in it. */
  readonly empty: FaultId;
  /** Strict readers refuse keys that stand twice. */
  readonly strict?: boolean | undefined;
}

/**
 * The first YAML or JSON document of a file, which is what the API server reads of it. What can be wrong with the text
 * itself is told to `faults`; nothing is given back for what cannot be read.
 */
export function readDocument(text: string, file: string, how: ReadAs, faults: FaultList): LocatedDocument | undefined {
  checkText(text, file, faults);
  const part = readFirstYaml(text);
  if (part.kind === 'broken') {
    const { line, column, reason } = part;
    const before = lineOf(text, line);
    const place = { file, line };
    if (/^\s*\t/.test(before) || reason.includes('cannot start any token')) {
      const tab = before.indexOf('\t');
      if (tab >= 0) {
        faults.add('yaml-tab', place, { what: `there is a tab at column ${tab + 1}` });
        return undefined;
      }
    }
    faults.add('yaml-broken', place, { what: `the file is no YAML: ${reason} (column ${column})` });
    return undefined;
  }
  if (part.kind === 'empty') {
    faults.add(how.empty, { file, line: 1 }, { what: 'the file is empty' });
    return undefined;
  }
  checkRest(text, file, faults);
  for (const { key, at } of part.repeatedKeys()) {
    faults.add(
      'repeated-key',
      { file, line: part.position(at).line },
      { what: `the key ${quote(key)} stands twice`, severity: how.strict === true ? 'error' : undefined },
    );
  }
  return located(part, file, [], part.value);
}

function located(document: YamlDocument, file: string, base: YamlPath, value: JsonValue): LocatedDocument {
  return {
    file,
    value,
    at: (path) => ({ file, line: document.locateNearest([...base, ...path]).place.line }),
    below: (path, inner) => located(document, file, [...base, ...path], inner),
  };
}

/** Every document of a file that holds objects; those that cannot be read are faults. */
export function readDocuments(text: string, file: string, faults: FaultList): readonly LocatedDocument[] {
  checkText(text, file, faults);
  const documents: LocatedDocument[] = [];
  for (const part of readYamlStream(text)) {
    if (part.kind === 'broken') {
      faults.add('yaml-broken', { file, line: part.line }, { what: `the file is no YAML: ${part.reason}` });
    } else if (part.kind === 'document') documents.push(located(part, file, [], part.value));
  }
  return documents;
}

function checkText(text: string, file: string, faults: FaultList): void {
  if (text.startsWith('\ufeff')) {
    faults.add('byte-order-mark', { file, line: 1 }, { what: 'the file begins with a byte order mark' });
  }
  if (text.includes('\r\n')) {
    faults.add('windows-lines', { file, line: 1 }, { what: 'lines end with carriage returns' });
  }
}

function checkRest(text: string, file: string, faults: FaultList): void {
  let documents = 0;
  for (const part of readYamlStream(text, { maxDocuments: 100 })) {
    if (part.kind === 'empty' || ++documents < 2) continue;
    const line = part.kind === 'broken' ? part.firstLine : part.line;
    faults.add('several-documents', { file, line }, { what: 'a second document begins here' });
    return;
  }
}

function lineOf(text: string, line: number): string {
  return text.split('\n', line)[line - 1] ?? '';
}
