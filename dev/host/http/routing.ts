/**
 * Which function a request is for, by ASP.NET's rules as far as they were seen: no match in path, method or constraint
 * is the same 404, and a template with more literal text is tried before one with more parameters.
 */
import type { HttpFunction } from '../functions.ts';
import { SettingError } from '../host-json.ts';

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'parameter';
      readonly name: string;
      readonly isOptional: boolean;
      readonly allows: RegExp[];
    }
  | { readonly kind: 'rest'; readonly name: string };

interface Route {
  readonly httpFunction: HttpFunction;
  readonly segments: readonly Segment[];
  readonly precedence: string;
}

export interface RouteMatch {
  readonly httpFunction: HttpFunction;
  /** Decoded, `%2F` excepted; a parameter that is not in the path is absent. */
  readonly params: Readonly<Record<string, string>>;
}

export type MatchRoute = (method: string, segments: readonly string[]) => RouteMatch | undefined;

const constraints: Readonly<Record<string, RegExp>> = {
  int: /^[-+]?\d{1,10}$/,
  long: /^[-+]?\d{1,19}$/,
  bool: /^(true|false)$/i,
  alpha: /^[a-z]*$/i,
  guid: /^\{?[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}\}?$/i,
};

/** @throws {SettingError} naming the function whose template this host cannot read. */
export function createRouter(functions: readonly HttpFunction[], routePrefix: string): MatchRoute {
  const prefix = routePrefix.replace(/^\/+|\/+$/g, '');
  const routes = functions
    .map((httpFunction): Route => {
      const template = [prefix, httpFunction.route].filter((part) => part !== '').join('/');
      const segments = template.split('/').map((text) => parseSegment(text, httpFunction));
      return { httpFunction, segments, precedence: segments.map(precedenceOf).join('') };
    })
    .sort((a, b) => (a.precedence < b.precedence ? -1 : Number(a.precedence > b.precedence)));

  return (method, segments) => {
    for (const { httpFunction, segments: template } of routes) {
      if (!httpFunction.methods.includes(method)) continue;
      const params = matchTemplate(template, segments);
      if (params !== undefined) return { httpFunction, params };
    }
    return undefined;
  };
}

function parseSegment(text: string, { name, route }: HttpFunction): Segment {
  const refuse = () =>
    new SettingError(`Function '${name}': the local host cannot read the route '${route}'.`);
  if (!/[{}]/.test(text)) return { kind: 'literal', text: text.toLowerCase() };
  const [, stars, parameter, constraint = '', optional] =
    /^\{(\*{0,2})(\w+)((?::\w+)*)(\?)?\}$/.exec(text) ?? [];
  if (parameter === undefined) throw refuse();
  if (stars !== '') {
    if (constraint !== '') throw refuse();
    return { kind: 'rest', name: parameter };
  }
  const allows = constraint
    .split(':')
    .slice(1)
    .map((known) => {
      const allowed = constraints[known];
      if (allowed === undefined) throw refuse();
      return allowed;
    });
  return { kind: 'parameter', name: parameter, isOptional: optional === '?', allows };
}

/** Lower is tried first. */
function precedenceOf(segment: Segment): string {
  if (segment.kind === 'literal') return '1';
  if (segment.kind === 'rest') return '5';
  return segment.allows.length > 0 ? '2' : '3';
}

function matchTemplate(
  template: readonly Segment[],
  path: readonly string[],
): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of template.entries()) {
    const value = path[index];
    if (segment.kind === 'rest') {
      const rest = path.slice(index).join('/');
      if (rest !== '') params[segment.name] = rest;
      return params;
    }
    if (segment.kind === 'literal') {
      if (value?.toLowerCase() !== segment.text) return undefined;
      continue;
    }
    if (value === undefined) {
      if (!segment.isOptional) return undefined;
      continue;
    }
    if (value === '' || !segment.allows.every((allowed) => allowed.test(value))) return undefined;
    params[segment.name] = value;
  }
  return path.length <= template.length ? params : undefined;
}

/** A path's segments: decoded except `%2F`, dot segments resolved, one trailing slash dropped. */
export function pathSegments(path: string): string[] {
  const segments: string[] = [];
  for (const raw of path.slice(1).split('/')) {
    const segment = decode(raw);
    if (segment === '..') segments.pop();
    else if (segment !== '.') segments.push(segment);
  }
  if (segments.at(-1) === '') segments.pop();
  return segments;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment.replace(/%(2f)/gi, '%25$1'));
  } catch {
    return segment;
  }
}
