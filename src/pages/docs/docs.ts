/** Shows openapi.json in Swagger UI, which its own script has put on the page before this one runs. */
declare const SwaggerUIBundle: (options: Readonly<Record<string, unknown>>) => void;

SwaggerUIBundle({
  url: new URL('openapi.json', location.href).href,
  dom_id: '#api',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  // The badge would ask a validator elsewhere.
  validatorUrl: null,
});
