/** The operation `csv-profile`: a CSV of any size in, the figures of every column out, as JSON or as a page. */
import * as z from 'zod';
import { operation, type Reply, stream } from '../operation.ts';
import { profileCsv } from './profile-csv.ts';
import { delimiters } from './read/find-delimiter.ts';
import { renderReport } from './report/report.ts';

const delimiterNames = Object.keys(delimiters) as (keyof typeof delimiters)[];
const text = z.string().max(1000);

const params = z.object({
  format: z.enum(['json', 'html']).default('json').describe('A profile in JSON, or a report to look at.'),
  delimiter: z
    .enum([...Object.values(delimiters), ...delimiterNames])
    .optional()
    .describe('What separates fields. Default: found from the header line.'),
  nulls: z
    .union([text, z.array(text).max(100)])
    .optional()
    .describe('Texts that count as null besides the empty one, separated by commas; may be repeated.'),
});

const asCharacter = (delimiter: string | undefined): string | undefined =>
  delimiter !== undefined && delimiter in delimiters
    ? delimiters[delimiter as keyof typeof delimiters]
    : delimiter;

export const csvProfile = operation({
  name: 'csv-profile',
  summary: 'Profiles every column of a CSV: type, nulls, distinct and frequent values, distribution.',
  accepts: { 'text/csv': stream },
  params,
  replies: ['application/json', 'text/html'],
  run: async ({ request, params: { format, delimiter, nulls = [] }, signal, progress }): Promise<Reply> => {
    const summary = await profileCsv(request.body, {
      delimiter: asCharacter(delimiter),
      nullTexts: [nulls].flat().flatMap((list) => list.split(',')),
      signal,
      onBytesRead: (bytes) => progress(Math.min(100, (100 * bytes) / Math.max(1, request.sizeBytes))),
    });
    if (format === 'html') {
      const page = await renderReport(summary);
      return { text: page, contentType: 'text/html; charset=utf-8', fileName: 'profile.html' };
    }
    const columns = summary.columns.map(({ column }) => column);
    return { json: { ...summary, columns }, fileName: 'profile.json' };
  },
});
