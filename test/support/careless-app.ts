/** An app that logs what it should not: secrets.test.ts sees that this is noticed. */
import { app } from '@azure/functions';

app.setup({ enableHttpStream: true });
app.http('careless', {
  methods: ['POST'],
  route: 'jobs/{id}',
  handler: async (request, context) => {
    const location = 'https://account.example/jobs/ref?sp=r&sig=c2lnbmF0dXJl%2Bb2Y%3D';
    const said = { headers: Object.fromEntries(request.headers), body: await request.text(), location };
    context.log(`asked for ${request.url}: ${JSON.stringify(said)}`);
    console.log(process.env.AzureWebJobsStorage);
    return { status: 302, headers: { location } };
  },
});
