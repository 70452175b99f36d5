using System.Diagnostics;
using System.Globalization;
using System.Text;
using LeptonEdge.Placement.Solving;
using LeptonEdge.Tests.Placement.Solving;

namespace LeptonEdge.Benchmarks.Placement;

/// <summary>The exact optimum of a small fleet from HiGHS, as Debian's python3-scipy has it. What options cost and use
/// is reckoned by the tests' own judge, not by the solver.</summary>
internal static class HighsPeer
{
    private const string Python = "/usr/bin/python3";

    private const string Script = """
        import sys, time, numpy as np
        from scipy.optimize import milp, LinearConstraint, Bounds
        from scipy.sparse import coo_matrix
        cap = np.array([float(x) for x in sys.stdin.readline().split()])
        cost, item, rows, cols, use = [], [], [], [], []
        for line in sys.stdin:
            f = line.split()
            for j in range(2, len(f), 2):
                rows.append(int(f[j])); cols.append(len(cost)); use.append(float(f[j + 1]) / cap[int(f[j])])
            item.append(int(f[0])); cost.append(float(f[1]))
        n = len(cost)
        one = coo_matrix((np.ones(n), (item, range(n)))).tocsr()
        fit = coo_matrix((use, (rows, cols)), shape=(len(cap), n)).tocsr()
        start = time.time()
        r = milp(np.array(cost), constraints=[LinearConstraint(one, 1, 1), LinearConstraint(fit, -np.inf, 1)],
                 integrality=np.ones(n), bounds=Bounds(0, 1), options=dict(time_limit=30, mip_rel_gap=1e-4))
        print(repr(float(r.fun)), repr(float(r.mip_dual_bound)), time.time() - start)
        """;

    /// <summary>Whether it is there.</summary>
    public static async Task<bool> IsThereAsync() =>
        File.Exists(Python) && (await RunAsync(["-c", "from scipy.optimize import milp"], "")).Code == 0;

    /// <summary>Cost of the best plan found (proven to 0.01 %, or what 30 s gave), the bound, and seconds.</summary>
    public static async Task<(double Cost, double Bound, double Seconds)> SolveAsync(FleetState fleet)
    {
        var (code, output) = await RunAsync(["-c", Script], Problem(fleet));
        var fields = output.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (code != 0 || fields.Length != 3)
            throw new BenchmarkException($"HiGHS did not answer: {output}");
        var numbers = fields.Select(field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return (numbers[0], numbers[1], numbers[2]);
    }

    private static string Problem(FleetState fleet)
    {
        var judge = new PlanJudge(fleet);
        var numbers = new Dictionary<string, int>();
        var lines = new StringBuilder();
        var item = 0;
        foreach (var site in fleet.Sites)
        {
            foreach (var workload in site.Workloads)
            {
                foreach (var option in judge.Options(site, workload))
                {
                    lines.Append(CultureInfo.InvariantCulture, $"{item} {option.Cost:R}");
                    foreach (var (resource, amount) in option.Uses)
                    {
                        if (!double.IsFinite(judge.CapacityOf(resource)))
                            continue;
                        if (!numbers.TryGetValue(resource, out var number))
                            numbers[resource] = number = numbers.Count;
                        lines.Append(CultureInfo.InvariantCulture, $" {number} {amount:R}");
                    }

                    lines.Append('\n');
                }

                item++;
            }
        }

        var capacities = numbers.OrderBy(entry => entry.Value)
            .Select(entry => judge.CapacityOf(entry.Key).ToString("R", CultureInfo.InvariantCulture));
        return $"{string.Join(' ', capacities)}\n{lines}";
    }

    private static async Task<(int Code, string Output)> RunAsync(string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 ? await output : await errors);
    }
}
