using System.Globalization;
using LeptonEdge.Benchmarks;

// The least .NET program that keeps a model at work: what benchmark `footprint` compares the agent with.
if (args is not [var file, var input, var inputWidth, var output, var outputWidth, var perSecond])
{
    Console.Error.WriteLine("usage: LeptonEdge.BareProgram MODEL INPUT WIDTH OUTPUT WIDTH WINDOWS_PER_SECOND");
    return 64;
}

var model = new BareOnnxRuntime(File.ReadAllBytes(file), input, output, Number(inputWidth), Number(outputWidth));
using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / Number(perSecond)));
model.Run();
Console.WriteLine("first answer");
while (await timer.WaitForNextTickAsync())
    model.Run();
return 0;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
