// A schedule or a scenario as YAML, in the order in which its keys are declared.
import { isEmpty } from './draft';
import type { Key, Rec } from './types';

/** The file of a document of texts, numbers, flags, lists and keys; what is empty is left out, except items of lists. */
export function toYAML(doc: Rec, keys: Key[]): string {
  const lines = mapping(doc, keys, '');
  return lines.length > 0 ? lines.join('\n') + '\n' : '{}\n';
}

function mapping(doc: Rec, keys: Key[], indent: string, inItem = false): string[] {
  const names = [...keys.map((k) => k.name), ...Object.keys(doc).filter((name) => !keys.some((k) => k.name === name))];
  return names.flatMap((name) => {
    const value = doc[name];
    if (inItem && isKeys(value) && Object.keys(value).length === 0) return [`${indent}${scalar(name)}: {}`]; // a step that says nothing yet
    return nothing(value) ? [] : member(scalar(name), value, keys.find((k) => k.name === name)?.keys ?? [], indent);
  });
}

function member(name: string, value: unknown, keys: Key[], indent: string): string[] {
  if (Array.isArray(value)) {
    if (!value.some((v) => typeof v === 'object')) return [`${indent}${name}: [${value.map((v) => scalar(v, true)).join(', ')}]`];
    return [`${indent}${name}:`, ...value.flatMap((v) => item(v, keys, `${indent}  `))];
  }
  if (isKeys(value)) return [`${indent}${name}:`, ...mapping(value, keys, `${indent}  `)];
  return [`${indent}${name}: ${scalar(value)}`];
}

function item(value: unknown, keys: Key[], indent: string): string[] {
  if (!isKeys(value)) return [`${indent}- ${scalar(value)}`];
  const lines = mapping(value, keys, `${indent}  `, true);
  return lines.length === 0 ? [`${indent}- {}`] : [`${indent}- ${lines[0]!.slice(indent.length + 2)}`, ...lines.slice(1)];
}

function isKeys(value: unknown): value is Rec {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nothing(value: unknown): boolean {
  return isEmpty(value) || (isKeys(value) && Object.values(value).every(nothing));
}

// What reads as a plain text whoever reads it; all else stands in quotes.
const plain = /^[\p{L}\p{N}/.$][\p{L}\p{N}_/.,$@%+*()<>=?;:' -]*$/u;

function scalar(value: unknown, inList = false): string {
  const text = typeof value === 'string' ? value.trim() : String(value);
  const quoted = !plain.test(text) || /: |:$/.test(text) || (inList && text.includes(',')) || /^(null|true|false|yes|no|on|off|y|n)$/i.test(text);
  return quoted && !(typeof value === 'boolean') ? JSON.stringify(text) : text;
}
