/** The query parameters: which widths, in which formats, at what quality. */
import * as z from 'zod';
import { LEAST_WIDTH, MOST_RENDITIONS, MOST_WIDTH } from './limits.ts';

const renditionFormats = ['webp', 'avif', 'jpeg', 'png'] as const;
export type RenditionFormat = (typeof renditionFormats)[number];

/** Values separated by commas; the parameter may be repeated as well. Named twice is asked for once. */
function list<T extends z.ZodType<string | number, string>>(
  pattern: RegExp,
  wants: string,
  defaultText: string,
  value: T,
) {
  const text = z.string().regex(pattern, wants);
  return z
    .union([text, z.array(text).max(MOST_RENDITIONS)])
    .default(defaultText)
    .transform((lists) => [...new Set([lists].flat().flatMap((values) => values.split(',')))])
    .pipe(z.array(value));
}

const formatPattern = new RegExp(`^(${renditionFormats.join('|')})(,(${renditionFormats.join('|')}))*$`);

export const params = z
  .object({
    widths: list(
      /^\d{1,4}(,\d{1,4})*$/,
      'Whole numbers, separated by commas.',
      '320,640,1280',
      z.coerce.number<string>().min(LEAST_WIDTH).max(MOST_WIDTH),
    ).describe(
      `Widths in pixels, ${LEAST_WIDTH} to ${MOST_WIDTH}, separated by commas. Never enlarged: wider than the image is as wide as the image.`,
    ),
    formats: list(
      formatPattern,
      `Of ${renditionFormats.join(', ')}, separated by commas.`,
      'webp,avif',
      z.enum(renditionFormats),
    ).describe(`Of ${renditionFormats.join(', ')}, separated by commas. jpeg has a white background.`),
    quality: z.coerce
      .number()
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('1 to 100, for webp, avif and jpeg. Default: 80, avif 50.'),
  })
  .refine(({ widths, formats }) => widths.length * formats.length <= MOST_RENDITIONS, {
    path: ['widths'],
    message: `At most ${MOST_RENDITIONS} renditions, widths times formats.`,
  });

export type RenditionParams = z.output<typeof params>;
