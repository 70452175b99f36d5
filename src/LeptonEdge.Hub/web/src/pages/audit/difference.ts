/** One field that a change touched. */
export interface Difference {
  field: string;
  before: string | null;
  after: string | null;
}

/** What differs between two states, field by field; fields of fields are named with dots. */
export function differences(before: unknown, after: unknown): Difference[] {
  const [old, young] = [flat(before), flat(after)];
  return [...new Set([...old.keys(), ...young.keys()])]
    .map((field) => ({ field, before: old.get(field) ?? null, after: young.get(field) ?? null }))
    .filter((row) => row.before !== row.after);
}

function flat(value: unknown, name = '', into = new Map<string, string>()): Map<string, string> {
  if (value === null || value === undefined) {
    if (name && value === null) into.set(name, 'null');
  } else if (Array.isArray(value)) into.set(name, value.map(text).join(', '));
  else if (typeof value === 'object')
    for (const [key, inner] of Object.entries(value)) flat(inner, name ? `${name}.${key}` : key, into);
  else into.set(name, text(value));
  return into;
}

const text = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
