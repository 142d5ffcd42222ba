/** Shows openapi.json in Swagger UI, which its own script has put on the page before this one runs. */
declare const SwaggerUIBundle: (options: Readonly<Record<string, unknown>>) => void;

// Swagger UI has a dark look, and leaves it to its page to ask for it.
document.documentElement.classList.toggle('dark-mode', matchMedia('(prefers-color-scheme: dark)').matches);

SwaggerUIBundle({
  url: new URL('openapi.json', location.href).href,
  dom_id: '#api',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  // The badge would ask a validator elsewhere.
  validatorUrl: null,
});
