namespace LeptonEdge.Core.Profiles;

/// <summary>One step of a model: what the runtime computes in one go, so that no cut goes through it.</summary>
/// <param name="Name">Its last tensor.</param>
/// <param name="Operators">The operators in it, in order, such as "Conv + Relu".</param>
/// <param name="Time">Of one run, on the machine that was measured.</param>
/// <param name="Macs">Multiplications with addition.</param>
/// <param name="WeightBytes">Constants that it reads.</param>
/// <param name="Reads">Places of the tensors that it reads, without repetition.</param>
public sealed record ProfiledStep(
    string Name, string Operators, TimeSpan Time, long Macs, long WeightBytes, IReadOnlyList<int> Reads);

/// <summary>One tensor that goes from step to step, into the model or out of it.</summary>
/// <param name="Name">Name in the model.</param>
/// <param name="Datatype">As the inference protocol names it, such as FP32 or UINT8.</param>
/// <param name="Bytes">Of one run.</param>
/// <param name="Maker">Place of the step that makes it; −1 for an input of the model.</param>
/// <param name="IsOutput">Whether it is an output of the model.</param>
/// <param name="CanCross">Whether a cut may go through it; not where the runtime gives it no place of its own.</param>
public sealed record ProfiledTensor(
    string Name, string Datatype, long Bytes, int Maker, bool IsOutput = false, bool CanCross = true);

/// <summary>What one run of a model costs, step by step. One that exists holds together.</summary>
public sealed record ModelProfile
{
    /// <summary>Most steps or tensors of a profile.</summary>
    public const int CountMax = 100_000;

    /// <param name="model">Name of the model, for people.</param>
    /// <param name="rows">Windows of one run.</param>
    /// <param name="threads">Threads of the run.</param>
    /// <param name="steps">In an order in which they can run.</param>
    /// <param name="tensors">All that steps read, and the model's outputs.</param>
    /// <exception cref="ArgumentException">They do not hold together; the message says where.</exception>
    public ModelProfile(
        string model, int rows, int threads, IReadOnlyList<ProfiledStep> steps, IReadOnlyList<ProfiledTensor> tensors)
    {
        (Model, Rows, Threads, Steps, Tensors) = (model, rows, threads, steps, tensors);
        if (rows < 1 || threads < 1)
            throw new ArgumentException($"{model}: {rows} rows and {threads} threads; use at least 1 of each");
        if (steps.Count is 0 or > CountMax || tensors.Count is 0 or > CountMax)
            throw new ArgumentException($"{model}: {steps.Count} steps, {tensors.Count} tensors; use 1 to {CountMax}");
        for (var at = 0; at < tensors.Count; at++)
        {
            var tensor = tensors[at];
            if (tensor.Bytes < 0 || tensor.Maker < -1 || tensor.Maker >= steps.Count)
                throw new ArgumentException(
                    $"{model}: tensor '{tensor.Name}' has {tensor.Bytes} bytes and is made by step {tensor.Maker}");
        }

        for (var at = 0; at < steps.Count; at++)
            Check(steps[at], at);
    }

    public string Model { get; }

    public int Rows { get; }

    public int Threads { get; }

    public IReadOnlyList<ProfiledStep> Steps { get; }

    public IReadOnlyList<ProfiledTensor> Tensors { get; }

    /// <summary>Time of one run.</summary>
    public TimeSpan Total => new(Steps.Sum(step => step.Time.Ticks));

    /// <summary>Bytes of the model's inputs.</summary>
    public long InputBytes => Tensors.Where(tensor => tensor.Maker < 0).Sum(tensor => tensor.Bytes);

    /// <summary>What crosses after each step, where all of it can, in the order of running.</summary>
    public IReadOnlyList<OrderCut> Cuts()
    {
        var readers = LastReaders();
        var cuts = new List<OrderCut>();

        // Tensors that are there and still to be read.
        var open = new SortedSet<int>(Enumerable.Range(0, Tensors.Count).Where(at => Tensors[at].Maker < 0));
        open.RemoveWhere(at => readers[at] < 0);
        var made = Tensors.Select((tensor, at) => (tensor.Maker, at)).ToLookup(pair => pair.Maker, pair => pair.at);
        for (var step = 0; step < Steps.Count - 1; step++)
        {
            open.RemoveWhere(at => readers[at] <= step);
            open.UnionWith(made[step].Where(at => readers[at] > step));
            if (open.Any(at => Tensors[at].Maker >= 0) && open.All(at => Tensors[at].CanCross))
                cuts.Add(new OrderCut([.. open], step + 1));
        }

        return cuts;
    }

    /// <summary>Every place where a single tensor crosses and nothing else, in the order of running.</summary>
    public IReadOnlyList<ChainCut> ChainCuts() =>
        [.. Cuts().Where(cut => cut.Tensors.Count == 1).Select(cut => new ChainCut(cut.Tensors[0], cut.StepsBefore))];

    private int[] LastReaders()
    {
        var last = new int[Tensors.Count];
        Array.Fill(last, -1);
        for (var step = 0; step < Steps.Count; step++)
        {
            foreach (var tensor in Steps[step].Reads)
                last[tensor] = step;
        }

        return last;
    }

    private void Check(ProfiledStep step, int at)
    {
        if (step.Time < TimeSpan.Zero || step.Macs < 0 || step.WeightBytes < 0)
            throw new ArgumentException($"{Model}: step '{step.Name}' takes less than nothing");
        foreach (var read in step.Reads)
        {
            if (read < 0 || read >= Tensors.Count)
                throw new ArgumentException($"{Model}: step '{step.Name}' reads tensor {read}, which is not there");
            if (Tensors[read].Maker >= at)
                throw new ArgumentException(
                    $"{Model}: step '{step.Name}' reads '{Tensors[read].Name}' before it is made");
        }

        if (step.Reads.Distinct().Count() < step.Reads.Count)
            throw new ArgumentException($"{Model}: step '{step.Name}' names a tensor twice");
    }
}

/// <summary>A cut where one tensor crosses.</summary>
/// <param name="Tensor">Place of the tensor.</param>
/// <param name="StepsBefore">The first so many steps run before the cut.</param>
public readonly record struct ChainCut(int Tensor, int StepsBefore);

/// <summary>A cut between two steps that run one after the other.</summary>
/// <param name="Tensors">Places of the tensors that cross, the model's inputs among them where they do.</param>
/// <param name="StepsBefore">The first so many steps run before the cut.</param>
public readonly record struct OrderCut(IReadOnlyList<int> Tensors, int StepsBefore);
