// Runs orchestrations of one activity on the engine that the Durable Functions extension is made of, so that its calls to
// storage can be counted: count-durable.ts starts it, and tells it line by line what to do.
using DurableTask.AzureStorage;
using DurableTask.Core;

var service = new AzureStorageOrchestrationService(new AzureStorageOrchestrationServiceSettings
{
    StorageAccountClientProvider = new StorageAccountClientProvider(Environment.GetEnvironmentVariable("STORAGE")!),
    TaskHubName = "Counted",
    // The extension's default.
    PartitionCount = 4,
});
await service.CreateIfNotExistsAsync();
var worker = new TaskHubWorker(service);
worker.AddTaskOrchestrations(typeof(OneActivity));
worker.AddTaskActivities(new Work());
await worker.StartAsync();
var client = new TaskHubClient(service);
Console.WriteLine("ready");

OrchestrationInstance? last = null;
for (string? command = Console.ReadLine(); command != null; command = Console.ReadLine())
{
    if (command == "job")
    {
        last = await client.CreateOrchestrationInstanceAsync(typeof(OneActivity), Guid.NewGuid().ToString("N"), "request");
        await OneActivity.Ended.WaitAsync();
    }
    if (command == "poll") await client.GetOrchestrationStateAsync(last);
    Console.WriteLine(command);
}

sealed class OneActivity : TaskOrchestration<string, string>
{
    public static readonly SemaphoreSlim Ended = new(0);

    public override async Task<string> RunTask(OrchestrationContext context, string request)
    {
        var reply = await context.ScheduleTask<string>(typeof(Work), request);
        Ended.Release();
        return reply;
    }
}

sealed class Work : TaskActivity<string, string>
{
    protected override string Execute(TaskContext context, string request) => "reply";
}
