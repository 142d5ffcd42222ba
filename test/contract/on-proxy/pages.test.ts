import '../pages.test.ts';
