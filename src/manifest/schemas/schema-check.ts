import type { JsonObject } from '../../formats/index.js';

/** Says what is wrong with an object of a kind, in kubesec's words; `undefined` if nothing is. */
export type SchemaCheck = (object: JsonObject, apiVersion: string, kind: string) => string | undefined;

/** A check that finds everything right: for `--no-validate`, or where there are no schemas. */
export const acceptAll: SchemaCheck = () => undefined;
