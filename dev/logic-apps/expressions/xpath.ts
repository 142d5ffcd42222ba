/**
 * `xml()` and `xpath()` for the two forms that the definitions use: `/Root/Name`, which gives an array of elements, and
 * `string(/Root/Name)`, which gives the text of the first one or an empty text.
 */
import { parseXML } from '@azure/core-xml';
import type { Json } from '../definition.ts';
import { textOfContent } from '../message-content.ts';
import { UnknownBehaviour } from '../unknown-behaviour.ts';
import { isObject, type Value, XmlElement } from './value.ts';

const PATH = /^\/(?<root>\w+)\/(?<name>\w+)$/;
const STRING = /^string\((?<path>.*)\)$/;

/** An XML document read from a message body or a text. Asynchronous, because the parser is. */
export async function readXml(value: Value): Promise<XmlElement> {
  if (value instanceof XmlElement) return value;
  const document: Readonly<Record<string, Json>> = await parseXML(textOfContent(value), {
    includeRoot: true,
  });
  const [name, content] = Object.entries(document).find(([key]) => !key.startsWith('?')) ?? [];
  if (name === undefined) throw new Error('There is no element in this XML.');
  return new XmlElement(name, content ?? null);
}

/** @throws {UnknownBehaviour} for any other form. */
export function evaluateXpath(element: XmlElement, xpath: string): Value {
  const asString = STRING.exec(xpath)?.groups?.path;
  const groups = PATH.exec(asString ?? xpath)?.groups;
  if (groups === undefined) throw new UnknownBehaviour(`xpath '${xpath}'`);
  const { root, name = '' } = groups;
  const content = root === element.name ? element.content : null;
  const found = isObject(content as Value) ? (content as Record<string, Json>)[name] : undefined;
  const elements = found === undefined ? [] : Array.isArray(found) ? found : [found];
  if (asString === undefined) return elements.map((item: Json) => new XmlElement(name, item));
  const [first = ''] = elements;
  if (typeof first === 'object')
    throw new UnknownBehaviour(`the string of an element with elements: ${xpath}`);
  return String(first);
}
