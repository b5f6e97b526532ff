/** Reading plain data whose shape is not known yet. Every reader names the place that is wrong. */
export class ExampleError extends Error {}

export type Data = Readonly<Record<string, unknown>>;

/** A mapping with none but these members; an absent value is an empty one. */
export function mapping(value: unknown, where: string, members?: readonly string[]): Data {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new ExampleError(`${where}: must be a mapping`);
  const data = value as Data;
  const strange = members && Object.keys(data).find((key) => !members.includes(key));
  if (strange) throw new ExampleError(`${where}: unknown member ${strange}; known are ${members?.join(', ')}`);
  return data;
}

export function list(value: unknown, where: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ExampleError(`${where}: must be a list`);
  return value;
}

/** Text; a number is taken as it is printed, so versions such as 3.14 should be quoted where that matters. */
export function text(value: unknown, where: string): string {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number') return String(value);
  throw new ExampleError(`${where}: must be a text`);
}

export function optionalText(value: unknown, where: string): string | undefined {
  return value === undefined || value === null ? undefined : text(value, where);
}

export function texts(value: unknown, where: string): readonly string[] {
  return list(value, where).map((item, index) => text(item, `${where}[${index}]`));
}
