/**
 * A JSON Schema of workflow definitions, written from Microsoft Learn ("Schema reference for Workflow Definition Language",
 * "Schema reference for trigger and action types", "Limits and configuration"): no registry has the published schema. It is
 * narrower than that one: what no definition here uses is refused, since the interpreter would not know it either.
 */
const text = { type: 'string' };
const expression = { type: 'string', pattern: '^@[^@{]' };
const duration = { type: 'string', pattern: '^P(\\d+D)?(T(\\d+H)?(\\d+M)?(\\d+S)?)?$', minLength: 3 };
const headers = { type: 'object', additionalProperties: text };
const description = { type: 'string', maxLength: 256 };
const status = { enum: ['Succeeded', 'Failed', 'TimedOut', 'Skipped'] };
const actionName = { pattern: '^[A-Za-z0-9_]{1,80}$' };

const object = (required: Record<string, unknown>, optional: Record<string, unknown> = {}) => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
});

const authentication = object({
  type: { const: 'ManagedServiceIdentity' },
  audience: { type: 'string', format: 'uri' },
});
const retryPolicy = {
  oneOf: [
    object({ type: { const: 'none' } }),
    object({
      type: { const: 'fixed' },
      interval: duration,
      count: { type: 'integer', minimum: 1, maximum: 90 },
    }),
  ],
};
const httpInputs = object(
  { method: { enum: ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'] }, uri: text },
  { headers, body: {}, authentication, retryPolicy },
);
const secured = (...parts: readonly string[]) =>
  object({
    secureData: object({
      properties: { type: 'array', items: { enum: parts }, minItems: 1, uniqueItems: true },
    }),
  });
// "The Compose, Parse JSON, and Response actions has only the Secure Inputs setting": Secure access and data.
const securedInputs = secured('inputs');

const actions = {
  type: 'object',
  additionalProperties: { $ref: '#/$defs/action' },
  propertyNames: actionName,
};
const block = object({ actions });
const condition = { $ref: '#/$defs/condition' };
const everyAction = {
  description,
  runAfter: {
    type: 'object',
    additionalProperties: { type: 'array', items: status, minItems: 1, uniqueItems: true },
  },
};

const action = (type: string, required: Record<string, unknown>, optional: Record<string, unknown> = {}) => ({
  if: { properties: { type: { const: type } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
  then: object(
    { type: { const: type }, runAfter: everyAction.runAfter, ...required },
    { description, ...optional },
  ),
});

const requestTrigger = object(
  {
    type: { const: 'Request' },
    kind: { const: 'Http' },
    inputs: object({ method: { enum: ['GET', 'POST'] }, schema: { type: 'object' } }),
  },
  { description },
);
const httpTrigger = object(
  {
    type: { const: 'Http' },
    inputs: httpInputs,
    recurrence: object({
      frequency: { enum: ['Second', 'Minute', 'Hour', 'Day', 'Week', 'Month'] },
      interval: { type: 'integer', minimum: 1 },
    }),
  },
  { description, conditions: { type: 'array', items: object({ expression }) } },
);

export const definitionSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  ...object({
    $schema: {
      const:
        'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
    },
    contentVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+\\.\\d+$' },
    parameters: {
      type: 'object',
      additionalProperties: object({ type: { enum: ['String', 'SecureString'] } }),
      maxProperties: 50,
    },
    triggers: {
      type: 'object',
      additionalProperties: { oneOf: [requestTrigger, httpTrigger] },
      propertyNames: actionName,
      minProperties: 1,
      maxProperties: 1,
    },
    actions: { ...actions, minProperties: 1 },
    outputs: { type: 'object', maxProperties: 0 },
  }),
  $defs: {
    condition: {
      oneOf: [
        object({ and: { type: 'array', items: condition, minItems: 1 } }),
        object({ or: { type: 'array', items: condition, minItems: 1 } }),
        object({ equals: { type: 'array', minItems: 2, maxItems: 2 } }),
      ],
    },
    action: {
      type: 'object',
      properties: { type: { enum: ['Compose', 'Http', 'Response', 'Scope', 'If', 'Switch', 'Foreach'] } },
      required: ['type'],
      allOf: [
        action('Compose', { inputs: {} }, { runtimeConfiguration: securedInputs }),
        action(
          'Http',
          { inputs: httpInputs },
          {
            operationOptions: { const: 'DisableAsyncPattern' },
            limit: object({ timeout: duration }),
            runtimeConfiguration: secured('inputs', 'outputs'),
          },
        ),
        action(
          'Response',
          {
            kind: { const: 'Http' },
            inputs: object(
              {
                // Never 3xx: "any valid status code that starts with 2xx, 4xx, or 5xx".
                statusCode: {
                  oneOf: [{ type: 'integer', enum: [200, 202, 404, 422, 502, 503, 504] }, expression],
                },
              },
              { headers, body: {} },
            ),
          },
          { operationOptions: { const: 'Asynchronous' }, runtimeConfiguration: securedInputs },
        ),
        action('Scope', { actions }),
        action('If', { expression: condition, actions, else: block }),
        action('Switch', {
          expression,
          cases: {
            type: 'object',
            additionalProperties: object({ case: text, actions }),
            propertyNames: actionName,
            minProperties: 1,
            maxProperties: 25,
          },
          default: block,
        }),
        action('Foreach', { foreach: expression, actions }),
      ],
    },
  },
};
