using LeptonEdge.Core;
using LeptonEdge.Storage.Hubs.Accounts;
using Microsoft.AspNetCore.Identity;

namespace LeptonEdge.Hub.Accounts;

/// <summary>What came of signing in.</summary>
internal abstract record SignIn
{
    public sealed record Done(StoredAccount Account) : SignIn;

    /// <summary>Wrong name, wrong password or a locked account: which of them is not said.</summary>
    /// <param name="IsLocked">For those who may know alone.</param>
    public sealed record Refused(bool IsLocked) : SignIn;

    /// <summary>Too many sign in at once.</summary>
    public sealed record Busy : SignIn;
}

/// <summary>Checks names and passwords. It does the same work whether or not there is such an account, and says the same of
/// a wrong password and a locked account, so that neither time nor answer tells names.</summary>
internal sealed class SignInDesk(AccountBook book, PasswordDesk passwords, TimeProvider clock)
{
    private readonly Lock _gate = new();

    public async Task<SignIn> CheckAsync(string name, string password, CancellationToken cancellation)
    {
        var account = book.Find(name);
        var found = await passwords.CheckAsync(account?.Hash, password, cancellation).ConfigureAwait(false);
        if (found is not { } result)
            return new SignIn.Busy();
        if (!Judge(account?.Id ?? 0, result != PasswordVerificationResult.Failed) || account is null)
            return new SignIn.Refused(account?.LockedUntilMicros > clock.GetUnixMicros());
        if (result == PasswordVerificationResult.SuccessRehashNeeded
            && await passwords.HashAsync(password, cancellation).ConfigureAwait(false) is { } hash)
            book.Change(store => Rehash(store, account, hash));
        return new SignIn.Done(account);
    }

    // One at a time: of many guesses at once each must see the failures of those before it.
    private bool Judge(long id, bool isRight)
    {
        lock (_gate)
        {
            var now = clock.GetUnixMicros();
            if (book.Find(id) is not { } account || now < account.LockedUntilMicros)
            {
                // A wrong password costs a write to the disk; so must this, or the time would tell.
                book.Change(store =>
                {
                    store.Probe();
                    return true;
                });
                return false;
            }

            if (isRight)
            {
                Keep(id, 0, 0, now);
                return true;
            }

            var failures = account.Failures + 1;
            var lockFor = LockRule.LockOf(failures);
            Keep(
                id, failures, lockFor == TimeSpan.Zero ? 0 : now + (lockFor.Ticks / TimeSpan.TicksPerMicrosecond),
                account.LastSignInMicros);
            return false;
        }
    }

    private void Keep(long id, int failures, long lockedUntil, long lastSignIn) => book.Change(store =>
    {
        store.SetSignInState(id, failures, lockedUntil, lastSignIn);
        return true;
    });

    private static bool Rehash(Storage.Hubs.HubStore store, StoredAccount account, string hash)
    {
        store.Rehash(account.Id, hash);
        return true;
    }
}
