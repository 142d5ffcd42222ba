/** The form: which operation, with what, and how; made from the catalogue. */
import type { CatalogueEntry, JsonSchema, Problem } from './api.ts';
import { byId, element } from './dom.ts';
import { exampleOf } from './example.ts';
import { sampleCsv } from './sample-csv.ts';

export interface DemoRequest {
  readonly operation: string;
  readonly contentType: string;
  /** A file goes straight to storage, a text is posted. */
  readonly content: Blob | string;
  /** Of the operation, as they were filled in. */
  readonly parameters: URLSearchParams;
  readonly key: string;
}

const KEY = 'function-key';

const form = byId('request', HTMLFormElement);
const operation = byId('operation', HTMLSelectElement);
const type = byId('type', HTMLSelectElement);
const file = byId('file', HTMLInputElement);
const json = byId('json', HTMLTextAreaElement);
const key = byId('key', HTMLInputElement);
const refusal = byId('refusal', HTMLElement);
const start = byId('start', HTMLButtonElement);
const sample = byId('sample', HTMLButtonElement);
const parameters = byId('parameters', HTMLElement);

let entries: readonly CatalogueEntry[] = [];

/** Shows the catalogue, and calls back with each request that is made of it. */
export function showForm(
  catalogue: readonly CatalogueEntry[],
  onStart: (request: DemoRequest) => void,
): void {
  entries = catalogue;
  operation.replaceChildren(...catalogue.map(({ name }) => element('option', { value: name }, name)));
  key.value = sessionStorage.getItem(KEY) ?? '';
  if (key.value !== '') show('key-field', true);

  operation.addEventListener('change', showOperation);
  type.addEventListener('change', showType);
  sample.addEventListener('click', () => takeFile(sampleCsv()));
  file.addEventListener('change', showTypeOfFile);
  takeDrops(byId('drop', HTMLElement));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const request = requestNow();
    if (request !== undefined) onStart(request);
  });
  showOperation();
}

/** While a request is on its way another one is not started. */
export function setSending(isSending: boolean): void {
  start.disabled = isSending;
}

/** Shows why nothing was started, each fault by its pointer; and asks for a key where that was missing. */
export function showRefusal(problem: Problem | undefined, text: string): void {
  refusal.replaceChildren(...problemParts(problem, text));
  json.setAttribute('aria-invalid', String(problem?.errors !== undefined));
}

/** The host, not the app, has answered 401: it wants a key, or another one. */
export function askForKey(): void {
  show('key-field', true);
  key.focus();
  showRefusal(undefined, key.value === '' ? 'This app wants a function key.' : 'This key is not taken.');
}

export function problemParts(problem: Problem | undefined, text: string): HTMLElement[] {
  const faults = problem?.errors?.map(({ pointer, detail }) =>
    element('li', {}, element('code', {}, pointer === '' ? '(the whole)' : pointer), ` ${detail}`),
  );
  return [
    ...(problem ? [element('strong', {}, problem.title)] : []),
    element('p', {}, text),
    ...(faults ? [element('ul', {}, ...faults)] : []),
  ];
}

const chosen = () => entries.find(({ name }) => name === operation.value);

function showOperation(): void {
  const entry = chosen();
  byId('summary', HTMLElement).textContent = entry?.summary ?? '';
  const types = entry?.accepts.map(({ contentType }) => contentType) ?? [];
  type.replaceChildren(...types.map((each) => element('option', {}, each)));
  show('type-field', types.length > 1);
  file.accept = types.join();
  parameters.replaceChildren(
    ...Object.entries(entry?.parameters?.properties ?? {}).map(([name, schema]) =>
      parameterField(name, schema),
    ),
  );
  show('options', entry?.parameters?.properties !== undefined);
  showType();
}

function showType(): void {
  const taken = chosen()?.accepts.find(({ contentType }) => contentType === type.value);
  const isStream = taken?.schema === undefined;
  show('file-field', isStream);
  show('json-field', !isStream);
  sample.hidden = type.value !== 'text/csv';
  refusal.replaceChildren();
  json.removeAttribute('aria-invalid');
  if (taken?.schema) json.value = JSON.stringify(exampleOf(taken.schema), null, 2);
}

function parameterField(name: string, schema: JsonSchema): HTMLElement {
  const id = `parameter-${name}`;
  const attributes = { id, name, 'aria-describedby': `${id}-hint` };
  const fallback = schema.default === undefined ? 'default' : `default: ${schema.default}`;
  const control = schema.enum
    ? element(
        'select',
        attributes,
        element('option', { value: '' }, fallback),
        ...schema.enum.map((value) => element('option', { value: String(value) }, nameOf(String(value)))),
      )
    : element('input', { ...attributes, type: 'text', placeholder: fallback, autocomplete: 'off' });
  return element(
    'div',
    { class: 'field' },
    element('label', { for: id }, name),
    control,
    element('p', { class: 'hint', id: `${id}-hint` }, schema.description ?? ''),
  );
}

/** A tab can be chosen, but not seen. */
const nameOf = (value: string) => (value === '\t' ? 'tab character' : value);

function requestNow(): DemoRequest | undefined {
  refusal.replaceChildren();
  const entry = chosen();
  const taken = entry?.accepts.find(({ contentType }) => contentType === type.value);
  if (entry === undefined || taken === undefined) return undefined;
  const given = file.files?.[0];
  if (taken.schema === undefined && given === undefined) {
    showRefusal(undefined, 'Choose a file first.');
    file.focus();
    return undefined;
  }
  sessionStorage.setItem(KEY, key.value);
  const filled = [...parameters.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')]
    .filter(({ value }) => value !== '')
    .map(({ name, value }) => [name, value]);
  return {
    operation: entry.name,
    contentType: taken.contentType,
    content: taken.schema === undefined && given !== undefined ? given : json.value,
    parameters: new URLSearchParams(filled),
    key: key.value,
  };
}

function takeFile(taken: File): void {
  const transfer = new DataTransfer();
  transfer.items.add(taken);
  file.files = transfer.files;
  showTypeOfFile();
}

/** What the browser takes a file for, where the operation knows that. */
function showTypeOfFile(): void {
  const known = file.files?.[0]?.type ?? '';
  if ([...type.options].some(({ value }) => value === known)) type.value = known;
  refusal.replaceChildren();
}

function takeDrops(zone: HTMLElement): void {
  const mark = (isOver: boolean) => zone.classList.toggle('over', isOver);
  zone.addEventListener('dragover', (event) => {
    event.preventDefault();
    mark(true);
  });
  zone.addEventListener('dragleave', () => mark(false));
  zone.addEventListener('drop', (event) => {
    event.preventDefault();
    mark(false);
    const dropped = event.dataTransfer?.files[0];
    if (dropped !== undefined) takeFile(dropped);
  });
}

function show(id: string, isShown: boolean): void {
  byId(id, HTMLElement).hidden = !isShown;
}
