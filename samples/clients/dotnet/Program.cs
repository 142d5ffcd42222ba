// Profiles a CSV file: APP_URL=https://my-app.azurewebsites.net APP_TOKEN=… dotnet run FILE
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

static string Setting(string name) => Environment.GetEnvironmentVariable(name) ?? "";

// Redirects are followed, as HttpClient does by default.
using var http = new HttpClient();
http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Setting("APP_TOKEN"));

using var csv = new StreamContent(File.OpenRead(args[0]));
csv.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
using var start = new HttpRequestMessage(HttpMethod.Post, $"{Setting("APP_URL")}/api/operations/csv-profile?reply=stream");
start.Content = csv;
// With this request alone: HttpClient would send a default header on to wherever a redirect leads.
start.Headers.Add("x-functions-key", Setting("APP_KEY"));

var answer = await http.SendAsync(start);
var location = answer.Headers.Location;
while (answer.StatusCode == HttpStatusCode.Accepted)
{
    await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1));
    answer = await http.GetAsync(location, HttpCompletionOption.ResponseHeadersRead);
}

await using var reply = await answer.Content.ReadAsStreamAsync();
if (!answer.IsSuccessStatusCode)
{
    Console.Error.WriteLine($"{(int)answer.StatusCode}: {await new StreamReader(reply).ReadToEndAsync()}");
    return 1;
}
using var profile = await JsonDocument.ParseAsync(reply);
Console.WriteLine($"{profile.RootElement.GetProperty("rows")} rows");
return 0;
