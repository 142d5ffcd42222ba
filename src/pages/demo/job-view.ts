/** The job as the page shows it: its state, a real bar, its reply, or why there is none. */
import type { StatusDocument } from './api.ts';
import { byId, definitions } from './dom.ts';
import type { JobView } from './follow-job.ts';
import { problemParts } from './request-form.ts';

const section = byId('job', HTMLElement);
const title = byId('job-title', HTMLElement);
const badge = byId('status', HTMLElement);
const steps = byId('steps', HTMLOListElement);
const progress = byId('progress', HTMLProgressElement);
const progressText = byId('progress-text', HTMLElement);
const failure = byId('failure', HTMLElement);
const facts = byId('facts', HTMLElement);
const reply = byId('reply', HTMLAnchorElement);
const cancel = byId('cancel', HTMLButtonElement);
const said = byId('said', HTMLElement);

/** Percent between two announcements: a screen reader is told of progress, not of every step. */
const SAID_EVERY_PERCENT = 25;
let saidPercent = 0;

type Kind = 'busy' | 'good' | 'bad' | 'over';

/** A job that is being sent. @param name of its operation */
export function showSending(name: string): void {
  section.hidden = false;
  title.textContent = name;
  failure.replaceChildren();
  facts.replaceChildren();
  reply.hidden = true;
  cancel.hidden = false;
  cancel.disabled = false;
  saidPercent = 0;
  state('Sending', 'busy', 0);
  bar(undefined, '');
  say('Sending.');
  section.scrollIntoView({ block: 'nearest' });
}

/** @param share of the file that is in storage, from 0 to 1 */
export function showSent(share: number): void {
  bar(100 * share, `Uploading to storage: ${Math.round(100 * share)} %`);
}

/** @param url the job's status endpoint; in another dialect it redirects a browser to the reply */
export function showJob(view: JobView, url: string): void {
  section.hidden = false;
  failure.replaceChildren();
  if ('document' in view) {
    title.textContent = view.document.operation;
    facts.replaceChildren(...definitions(factsOf(view.document)));
  }
  cancel.hidden = view.kind !== 'pending' && view.kind !== 'silent';
  switch (view.kind) {
    case 'pending':
      showPending(view.document);
      break;
    case 'succeeded':
      state('Succeeded', 'good', 4);
      bar(100, 'The reply is there.');
      reply.href = replyUrl(url);
      reply.hidden = false;
      say('Succeeded. The reply is there.');
      break;
    case 'failed':
      state('Failed', 'bad');
      bar(0, '');
      failure.replaceChildren(...problemParts(view.problem, view.problem?.detail ?? 'The job failed.'));
      say(`Failed. ${view.problem?.detail ?? ''}`);
      break;
    case 'canceled':
      state('Canceled', 'over');
      bar(0, 'It will never have a reply.');
      say('Canceled.');
      break;
    case 'unknown':
      state('Unknown', 'over');
      bar(0, view.text);
      say(view.text);
      break;
    case 'silent':
      progressText.textContent = 'No answer at the moment; trying again.';
      say('No answer at the moment; trying again.');
      break;
  }
}

/** Nothing was started: the form says why. */
export function hideJob(): void {
  section.hidden = true;
}

/** @param onCancel for the job that is shown */
export function whenCanceled(onCancel: () => void): void {
  cancel.onclick = () => {
    cancel.disabled = true;
    // A button that is gone leaves whoever works by keyboard nowhere.
    title.focus();
    onCancel();
  };
}

function showPending({ status, percentComplete, message, attempt }: StatusDocument): void {
  const isRunning = status === 'Running';
  const text = isRunning ? 'Running' : 'Queued';
  const again = attempt > 1 ? `attempt ${attempt}` : undefined;
  const parts = [
    percentComplete === undefined ? undefined : `${Math.round(percentComplete)} %`,
    message,
    again,
  ];
  // A cancel that got no answer can be tried again.
  cancel.disabled = false;
  bar(percentComplete, parts.filter((part) => part !== undefined).join(' · '));
  if (badge.textContent !== text) say(isRunning ? 'Running.' : 'Accepted. Waiting for a worker.');
  state(text, 'busy', isRunning ? 2 : 1);
  if (percentComplete === undefined || percentComplete < saidPercent + SAID_EVERY_PERCENT) return;
  saidPercent = percentComplete;
  say(`Running: ${Math.round(percentComplete)} percent.`);
}

/** @param step how many steps of the pattern are behind it; undefined where it has left them */
function state(text: string, kind: Kind, step?: number): void {
  badge.textContent = text;
  badge.className = `badge ${kind}`;
  [...steps.children].forEach((item, index) => {
    item.classList.toggle('done', step !== undefined && index < step);
    item.toggleAttribute('aria-current', index === step);
    if (index === step) item.setAttribute('aria-current', 'step');
  });
  steps.hidden = step === undefined;
  progress.hidden = step === undefined;
}

function bar(percent: number | undefined, text: string): void {
  if (percent === undefined) progress.removeAttribute('value');
  else progress.value = percent;
  progressText.textContent = text;
}

function say(text: string): void {
  if (said.textContent !== text) said.textContent = text;
}

function replyUrl(url: string): string {
  const parsed = new URL(url);
  parsed.search = '?reply=redirect';
  return parsed.href;
}

function* factsOf(document: StatusDocument): Generator<[string, string]> {
  const at = (time: string) => new Date(time).toLocaleTimeString();
  yield ['Accepted', at(document.createdAt)];
  if (document.startedAt) yield ['Started', at(document.startedAt)];
  if (document.completedAt) yield ['Ended', at(document.completedAt)];
  if (document.attempt > 1) yield ['Attempt', String(document.attempt)];
  if (document.expiresAt) yield ['Kept until', new Date(document.expiresAt).toLocaleDateString()];
  yield ['Ref', document.ref];
}
