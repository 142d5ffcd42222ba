/** The values that expressions work on: JSON, and two kinds that JSON does not have. */
import type { Json } from '../definition.ts';

export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value }
  | HeaderValues
  | XmlElement;

/** The headers of a message. Storage and its emulator write their names in different cases. */
export class HeaderValues {
  readonly #values: ReadonlyMap<string, string>;

  constructor(entries: Iterable<readonly [string, string]>) {
    this.#values = new Map([...entries].map(([name, value]) => [name.toLowerCase(), value]));
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }
}

/** An element of an XML document, its content as `@azure/core-xml` reads it. */
export class XmlElement {
  readonly name: string;
  readonly content: Json;

  constructor(name: string, content: Json) {
    this.name = name;
    this.content = content;
  }
}

export function isObject(value: Value | undefined): value is { readonly [key: string]: Value } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof HeaderValues) &&
    !(value instanceof XmlElement)
  );
}

/** What a message is to the designer of a workflow, for messages of errors. */
export function typeOf(value: Value): string {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'Array';
  if (value instanceof XmlElement) return 'Xml';
  return typeof value === 'object' ? 'Object' : typeof value;
}
