/** A request to begin with, from a JSON Schema: what it gives as an example or default, else the least it takes. */
import type { JsonSchema } from './api.ts';

export function exampleOf(schema: JsonSchema): unknown {
  const { type, examples, default: fallback, properties = {}, required = [], minimum = 0 } = schema;
  if (examples?.[0] !== undefined) return examples[0];
  if (fallback !== undefined) return fallback;
  if (schema.enum) return schema.enum[0];
  switch (type) {
    case 'object': {
      const wanted = Object.entries(properties).filter(
        ([name, property]) => required.includes(name) || property.default !== undefined,
      );
      return Object.fromEntries(wanted.map(([name, property]) => [name, exampleOf(property)]));
    }
    case 'array':
      return [];
    case 'number':
    case 'integer':
      return minimum;
    case 'boolean':
      return false;
    case 'string':
      return '';
    default:
      return null;
  }
}
