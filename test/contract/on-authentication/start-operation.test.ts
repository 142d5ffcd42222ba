import '../start-operation.test.ts';
