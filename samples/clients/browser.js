/**
 * Profiles a CSV file that a person chose. The app's CORS_ALLOWED_ORIGINS names the page's origin; storage allows any.
 * @param {string} appUrl what stands before `/api`
 * @param {Blob} file
 * @param {(percent: number) => void} onProgress
 */
export async function profile(appUrl, file, onProgress, headers = {}) {
  let answer = await fetch(`${appUrl}/api/operations/csv-profile`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'text/csv' },
    body: file,
  });
  const location = answer.headers.get('Location');
  while (answer.status === 202) {
    const job = await answer.json();
    onProgress(job.percentComplete ?? 0);
    const seconds = Number(answer.headers.get('Retry-After'));
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    // Follows the redirect to storage. The job's URL needs no header, so none goes on.
    answer = await fetch(location);
  }
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return body;
}
