import '../uploads.test.ts';
