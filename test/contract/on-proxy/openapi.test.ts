import '../openapi.test.ts';
