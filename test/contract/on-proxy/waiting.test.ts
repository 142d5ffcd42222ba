import '../waiting.test.ts';
