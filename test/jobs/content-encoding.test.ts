import { expect, test } from '@jest/globals';
import { refuseEncoded } from '../../src/jobs/content-encoding.ts';

test.each([undefined, '', 'identity', 'Identity', 'identity, identity', ' , '])(
  '%j is no encoding',
  (header) => {
    expect(() => refuseEncoded(header)).not.toThrow();
  },
);

test.each(['gzip', 'GZIP', 'br', 'identity, gzip', 'aws-chunked', 'identity;q=1'])(
  '%j is refused',
  (header) => {
    expect(() => refuseEncoded(header)).toThrow(
      expect.objectContaining({
        code: 'content-encoding-unsupported',
        message: `The request is taken as it is, not as ${header}.`,
      }),
    );
  },
);
