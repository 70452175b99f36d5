using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace LeptonEdge.Hub.Accounts;

/// <summary>Hashes and checks passwords, by ASP.NET Core's own hasher. That takes tens of milliseconds of a core on
/// purpose, so only so many are done at once and only so many wait.</summary>
internal sealed class PasswordDesk : IDisposable
{
    public const int WaitingMax = 32;
    private const int Iterations = 210_000;
    private static readonly object s_nobody = new();

    private readonly PasswordHasher<object> _hasher =
        new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));

    private readonly SemaphoreSlim _turn = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly string _nobodysHash;
    private int _waiting;

    public PasswordDesk() => _nobodysHash = _hasher.HashPassword(s_nobody, Guid.NewGuid().ToString());

    /// <summary>Null: too many wait already.</summary>
    public Task<string?> HashAsync(string password, CancellationToken cancellation) =>
        TakeTurnAsync<string>(() => _hasher.HashPassword(s_nobody, password), cancellation);

    /// <param name="hash">Null for an account that does not exist: checked all the same, so that the time it takes tells
    /// nothing.</param>
    /// <returns>Null: too many wait already.</returns>
    public async Task<PasswordVerificationResult?> CheckAsync(
        string? hash, string password, CancellationToken cancellation) =>
        (await TakeTurnAsync(
            () => new Checked(_hasher.VerifyHashedPassword(s_nobody, hash ?? _nobodysHash, password)), cancellation)
            .ConfigureAwait(false))?.Verdict;

    public void Dispose() => _turn.Dispose();

    private async Task<T?> TakeTurnAsync<T>(Func<T> work, CancellationToken cancellation)
        where T : class
    {
        if (Interlocked.Increment(ref _waiting) > WaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        try
        {
            await _turn.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                return await Task.Run(work, cancellation).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private sealed record Checked(PasswordVerificationResult Verdict);
}
