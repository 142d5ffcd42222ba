import '../streamed-reply.test.ts';
