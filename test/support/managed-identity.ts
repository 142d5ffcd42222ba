/**
 * The endpoint by which App Service gives an app the tokens of its managed identity, so that the real credential of
 * `@azure/identity` has one to ask ("REST endpoint reference" on Azure's page of managed identities for App Service).
 */
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Of a user-assigned identity, as infra/ makes one. */
export const CLIENT_ID = '3f0c8f5e-7a56-4d0e-9d38-0f6f2d6a9b11';
/** Of its service principal: what a user delegation SAS calls `skoid` and `sktid`. */
export const OBJECT_ID = '8b1d7c52-41f7-4b7f-9a4e-5b0d2f8e6c33';
export const TENANT_ID = 'c0a1f6de-2f0b-4c55-8a3c-7e9d1b4f2a77';

const API_VERSION = '2019-08-01';
const RESOURCE = 'https://storage.azure.com';
/** Tests move storage's clock by days, and the credential keeps a token by the clock of its process. */
const TOKEN_LIFE_SECONDS = 30 * 86_400;

export interface ManagedIdentity {
  /** As the platform sets them for the app. */
  readonly settings: { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string };
  /** How many tokens were asked for. */
  readonly asked: number;
  /** From now on: a token, an error, or nothing until the caller leaves. At first tokens. */
  answers(how: 'token' | 'error' | 'nothing'): void;
  stop(): Promise<void>;
}

export async function startManagedIdentity(): Promise<ManagedIdentity> {
  const secret = randomUUID();
  let asked = 0;
  let how: Parameters<ManagedIdentity['answers']>[0] = 'token';
  const server = createServer((request, response) => {
    asked += 1;
    if (how === 'nothing') return;
    const { searchParams } = new URL(request.url ?? '', 'http://identity');
    const reply = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.headers['x-identity-header'] !== secret) return reply(401, { message: 'wrong secret' });
    if (how === 'error') return reply(500, { message: 'no token today' });
    const clientId = searchParams.get('client_id');
    if (clientId !== null && clientId !== CLIENT_ID) return reply(400, { message: 'no such identity' });
    if (
      searchParams.get('api-version') !== API_VERSION ||
      searchParams.get('resource')?.replace(/\/$/, '') !== RESOURCE
    )
      return reply(400, { message: `wants resource ${RESOURCE}, api-version ${API_VERSION}` });
    return reply(200, newToken());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    settings: { IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`, IDENTITY_HEADER: secret },
    get asked() {
      return asked;
    },
    answers(wanted) {
      how = wanted;
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function newToken() {
  // Storage on a clock a little behind must not find it too young.
  const notBefore = Math.floor(Date.now() / 1000) - 300;
  const expiresOn = notBefore + TOKEN_LIFE_SECONDS;
  const times = { iat: notBefore, nbf: notBefore, exp: expiresOn };
  const issuer = `https://sts.windows.net/${TENANT_ID}/`;
  const claims = { aud: RESOURCE, iss: issuer, oid: OBJECT_ID, sub: OBJECT_ID, tid: TENANT_ID, ...times };
  return {
    access_token: jwt(claims),
    client_id: CLIENT_ID,
    not_before: String(notBefore),
    expires_on: String(expiresOn),
    resource: RESOURCE,
    token_type: 'Bearer',
  };
}

/** Azurite looks at the claims and not at the signature. */
function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', 'nobody checks').update(signed).digest('base64url')}`;
}
