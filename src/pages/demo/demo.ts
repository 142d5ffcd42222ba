/**
 * The demo page: one job at a time, from the form to the reply. The job's URL is kept in the fragment, which the browser
 * sends to nobody: a reload finds the job again.
 */
import type { CatalogueEntry } from './api.ts';
import { askingIn, Refused, urlOf } from './ask.ts';
import { byId } from './dom.ts';
import type { Answer } from './exchange.ts';
import { followJob, partOf } from './follow-job.ts';
import { hideJob, showJob, showSending, showSent, whenCanceled } from './job-view.ts';
import { askForKey, type DemoRequest, setSending, showForm, showRefusal } from './request-form.ts';
import { startJob } from './start-job.ts';

const ask = askingIn(byId('exchange', HTMLElement));
/** Ends what the page does for the job before the one it shows now. */
let current = new AbortController();

void open();

async function open(): Promise<void> {
  const url = jobInFragment();
  if (url !== undefined) void follow(url, begin());
  const { signal } = new AbortController();
  try {
    const answer = await ask({ method: 'GET', url: urlOf('operations'), signal });
    if (answer.status !== 200) throw new Refused(answer);
    showForm(
      (JSON.parse(answer.text) as { value: readonly CatalogueEntry[] }).value,
      (request) => void run(request),
    );
  } catch {
    setSending(true);
    showRefusal(undefined, 'The app does not say what it offers. Reload the page to try again.');
  }
}

function begin(): AbortSignal {
  current.abort();
  current = new AbortController();
  return current.signal;
}

async function run(request: DemoRequest): Promise<void> {
  const signal = begin();
  history.replaceState(null, '', location.pathname);
  showSending(request.operation);
  whenCanceled(() => current.abort());
  setSending(true);
  try {
    const accepted = await startJob(ask, request, showSent, signal);
    const url = accepted.headers.get('location') ?? '';
    history.replaceState(null, '', `#${url}`);
    void follow(url, signal, accepted);
  } catch (error) {
    hideJob();
    if (signal.aborted) return;
    if (!(error instanceof Refused))
      showRefusal(undefined, 'No answer. Is the app there, and does storage let browsers in (CORS)?');
    else if (error.answer.status === 401 && error.problem === undefined) askForKey();
    else showRefusal(error.problem, error.message);
  } finally {
    setSending(false);
  }
}

async function follow(url: string, signal: AbortSignal, accepted?: Answer): Promise<void> {
  let wake = () => {};
  const wait = (seconds: number) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, 1000 * seconds);
    });
  whenCanceled(async () => {
    try {
      await ask({ method: 'POST', url: partOf(url, 'cancel'), signal });
    } finally {
      wake();
    }
  });
  try {
    for await (const view of followJob(ask, url, wait, signal, accepted)) {
      if (!signal.aborted) showJob(view, url);
    }
  } catch {
    if (!signal.aborted) showJob({ kind: 'unknown', text: 'The answer is not one of this app.' }, url);
  }
}

/** Nothing but a job's status endpoint is taken from there; the page's policy keeps it to the app's own origins. */
function jobInFragment(): string | undefined {
  const url = URL.parse(location.hash.slice(1));
  const isJob =
    url !== null && /^https?:$/.test(url.protocol) && /\/jobs\/[A-Za-z0-9_-]{22}$/.test(url.pathname);
  return isJob ? url.href : undefined;
}
