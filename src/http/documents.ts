/**
 * Every JSON document the app answers with, as the schema that types it here and describes it in openapi.json.
 * docs/design.md, section 3.
 */
import * as z from 'zod';
import { JOB_STATUSES } from '../jobs/job.ts';

const time = () => z.string().meta({ format: 'date-time', description: 'RFC 3339, UTC' });
const link = () => z.url();

/** What every client is told of a job, in one shape. */
export const statusDocumentSchema = z
  .object({
    id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{22}$/)
      .optional()
      .describe('Names the job to its client; whoever holds it may read, cancel and delete the job'),
    ref: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/)
      .describe("The job's public name, as logs and operators know it"),
    operation: z.string(),
    status: z.enum(JOB_STATUSES),
    location: link().describe('Where to ask again, in the dialect of the caller'),
    createdAt: time(),
    startedAt: time().optional(),
    updatedAt: time(),
    completedAt: time().optional(),
    attempt: z.int().min(1),
    percentComplete: z.number().min(0).max(100).optional(),
    message: z.string().optional().describe('What the operation says of its progress'),
    error: z
      .object({
        code: z.string(),
        message: z.string(),
        status: z.int().min(400).max(599).describe('What the status endpoint answers'),
        reason: z.string().optional().describe('The internal error, for operators alone'),
      })
      .optional()
      .describe('Why the job failed'),
    resourceLocation: link().optional().describe('The reply, through the app; once the job has succeeded'),
    replyUrl: link().optional().describe('The reply, in storage; with `reply=link`'),
    replyUrlExpiresAt: time().optional(),
    expiresAt: time().optional().describe('When the job and its reply are removed'),
  })
  .meta({ id: 'StatusDocument' });
export type StatusDocument = z.infer<typeof statusDocumentSchema>;

/** RFC 9457. */
export const problemSchema = z
  .object({
    type: z
      .string()
      .regex(/^urn:problem-type:request-reply:\S+$/)
      .describe('A stable name of the problem, not an address'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    instance: z.string().describe('Path of the request that met the problem'),
    errors: z
      .array(
        z.object({
          pointer: z.string().describe('JSON Pointer (RFC 6901) to the fault'),
          detail: z.string(),
        }),
      )
      .min(1)
      .optional(),
  })
  .meta({ id: 'Problem' });
export type ProblemDetails = z.infer<typeof problemSchema>;

const jsonSchema = z.record(z.string(), z.unknown()).describe('A JSON Schema');

/** One operation of the catalogue. */
export const catalogueEntrySchema = z
  .object({
    name: z.string(),
    summary: z.string(),
    location: link().describe('Where to POST a request'),
    accepts: z.array(
      z.object({
        contentType: z.string(),
        schema: jsonSchema.optional().describe('Absent where any bytes are taken, as a stream'),
      }),
    ),
    parameters: jsonSchema.optional().describe('The query parameters'),
    replies: z.array(z.string()).describe('Content types'),
  })
  .meta({ id: 'CatalogueEntry' });
export type CatalogueEntry = z.infer<typeof catalogueEntrySchema>;

export const catalogueSchema = z.object({ value: z.array(catalogueEntrySchema) }).meta({ id: 'Catalogue' });

/** One page of the operator's list. */
export const jobListSchema = z
  .object({
    value: z.array(statusDocumentSchema),
    nextLink: link().optional().describe('The next page, where there is one'),
  })
  .meta({ id: 'JobList' });

export const healthSchema = z.object({ status: z.literal('healthy') }).meta({ id: 'Health' });

/** A place to upload a request to. */
export const uploadDocumentSchema = z
  .object({
    id: z.string().describe('To start jobs with, as `?upload=`'),
    uploadUrl: link().describe('Takes one PUT of the bytes, with `x-ms-blob-type: BlockBlob`'),
    expiresAt: time().describe('When `uploadUrl` stops working'),
  })
  .meta({ id: 'UploadDocument' });
