import type { Package, PackageRepository, Relationship, SourcePackage } from '../ecosystems/index.js';
import { type Unknown, type UnknownCode, unknownCodes } from '../findings/index.js';
import { asArray, asObject, asString, asStrings, type JsonObject, type JsonValue } from '../formats/index.js';
import type { OperatingSystemFact, PackageList } from './cataloger.js';
import type { LayerFacts } from './layer-facts.js';
import type { PathListing } from './path-listing.js';

/** The parts of kept facts that are not in their JSON head. */
export interface FactsBody {
  /** Files of packages, UTF-8, divided by NUL; the head says which are whose. */
  readonly files: Uint8Array;
  readonly paths: PathListing;
}

class Odd extends Error {}

/** The facts that a head describes. Throws for a head that no version of the encoder made. */
export function readHead(value: JsonValue, body: FactsBody): LayerFacts {
  const head = object(value);
  return {
    uncompressedBytes: number(head.uncompressedBytes),
    entryCount: number(head.entryCount),
    operatingSystems: array(head.operatingSystems).map(readSystem),
    repository: head.repository === undefined ? undefined : readRepository(object(head.repository)),
    lists: array(head.lists).map((list) => readList(object(list), body.files)),
    ownedFiles: strings(head.ownedFiles),
    licenses: new Map(array(head.licenses).map((pair) => readLicenses(array(pair)))),
    links: array(head.links).map((link) => ({ path: string(object(link).path), target: string(object(link).target) })),
    paths: body.paths,
    unknowns: array(head.unknowns).map((each) => readUnknown(object(each))),
  };
}

function readSystem(value: JsonValue): OperatingSystemFact {
  const fact = object(value);
  return {
    path: string(fact.path),
    family: optionalString(fact.family),
    name: optionalString(fact.name),
    extended: fact.extended === true ? true : undefined,
    unrecognized: optionalString(fact.unrecognized),
  };
}

function readRepository(repository: JsonObject): PackageRepository {
  return { family: string(repository.family), release: string(repository.release) };
}

function readLicenses([name, licenses]: readonly JsonValue[]): readonly [string, readonly string[]] {
  return [string(name), strings(licenses)];
}

function readUnknown(value: JsonObject): Unknown {
  return {
    code: oneOf<UnknownCode>(value.code, unknownCodes),
    subject: string(value.subject),
    reason: string(value.reason),
    layer: optionalString(value.layer),
    cataloger: optionalString(value.cataloger),
  };
}

function readList(list: JsonObject, files: Uint8Array): PackageList {
  return {
    path: string(list.path),
    type: string(list.type),
    kind: oneOf(list.kind, ['os', 'language'] as const),
    packages: array(list.packages).map((each) => readPackage(object(each), files)),
  };
}

const relationships: readonly Relationship[] = ['unknown', 'root', 'workspace', 'direct', 'indirect'];

function readPackage(value: JsonObject, files: Uint8Array): Package {
  const found: Package = {
    id: string(value.id),
    name: string(value.name),
    version: string(value.version),
    release: optionalString(value.release),
    epoch: optionalNumber(value.epoch),
    arch: optionalString(value.arch),
    source: value.source === undefined ? undefined : readSource(object(value.source)),
    licenses: optionalStrings(value.licenses),
    maintainer: optionalString(value.maintainer),
    modularityLabel: optionalString(value.modularityLabel),
    origin: value.origin === undefined ? undefined : oneOf(value.origin, ['official', 'third-party'] as const),
    dev: value.dev === undefined ? undefined : value.dev === true,
    relationship: value.relationship === undefined ? undefined : oneOf(value.relationship, relationships),
    dependsOn: optionalStrings(value.dependsOn),
    filePath: optionalString(value.filePath),
    digest: optionalString(value.digest),
  };
  return value.files === undefined ? found : withFiles(found, array(value.files), files);
}

function readSource(value: JsonObject): SourcePackage {
  return {
    name: string(value.name),
    version: string(value.version),
    release: optionalString(value.release),
    epoch: optionalNumber(value.epoch),
  };
}

/** Decodes the files of a package when they are first asked for. */
function withFiles(found: Package, range: readonly JsonValue[], files: Uint8Array): Package {
  const start = number(range[0]);
  const end = number(range[1]);
  if (start < 0 || start > end || end > files.length) throw new Odd();
  let decoded: readonly string[] | undefined;
  const get = (): readonly string[] => {
    decoded ??= new TextDecoder('utf-8', { ignoreBOM: true }).decode(files.subarray(start, end)).split('\0');
    return decoded;
  };
  return Object.defineProperty(found, 'installedFiles', { enumerable: true, configurable: true, get });
}

function object(value: JsonValue | undefined): JsonObject {
  return asObject(value) ?? odd();
}

function array(value: JsonValue | undefined): readonly JsonValue[] {
  return asArray(value) ?? odd();
}

function string(value: JsonValue | undefined): string {
  return asString(value) ?? odd();
}

function optionalString(value: JsonValue | undefined): string | undefined {
  return value === undefined ? undefined : string(value);
}

function strings(value: JsonValue | undefined): readonly string[] {
  return asStrings(value) ?? odd();
}

function optionalStrings(value: JsonValue | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : strings(value);
}

function number(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : odd();
}

function optionalNumber(value: JsonValue | undefined): number | undefined {
  return value === undefined ? undefined : number(value);
}

function oneOf<Choice extends string>(value: JsonValue | undefined, choices: readonly Choice[]): Choice {
  return choices.find((choice) => choice === value) ?? odd();
}

function odd(): never {
  throw new Odd('kept facts of another form');
}
