// Profiles a CSV file: APP_URL=https://my-app.azurewebsites.net APP_KEY=… node our-client.js FILE
import { openAsBlob } from 'node:fs';
import { createClient, JobEndedError, ProblemError } from 'azure-functions-request-reply/client';

const client = createClient({ baseUrl: process.env.APP_URL, key: process.env.APP_KEY });
try {
  const csv = await openAsBlob(process.argv[2]);
  const job = await client.submit('csv-profile', { body: csv, contentType: 'text/csv' });
  await client.wait(job, { onStatus: ({ percentComplete = 0 }) => console.error(`${percentComplete} %`) });
  const reply = await client.reply(job);
  console.log((await reply.json()).rows, 'rows');
} catch (error) {
  if (!(error instanceof ProblemError || error instanceof JobEndedError)) throw error;
  console.error(error.code, error.message);
  process.exitCode = 1;
}
