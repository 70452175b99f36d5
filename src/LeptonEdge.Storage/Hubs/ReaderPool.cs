using System.Collections.Concurrent;
using LeptonEdge.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Connections for queries, opened as needed up to a limit and kept: in WAL mode they neither wait for the
/// writer nor make it wait.</summary>
internal sealed class ReaderPool(HubStoreOptions options) : IDisposable
{
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(5);
    private readonly ConcurrentBag<Database> _idle = [];
    private readonly SemaphoreSlim _free = new(options.ReadersMax);
    private volatile bool _disposed;

    public T Read<T>(Func<Database, T> query)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _free.Wait();
        Database? database = null;
        try
        {
            if (!_idle.TryTake(out database))
                database = Open();
            return query(database);
        }
        catch (SqliteException e)
        {
            // The next query opens anew, and so heals when the cause is gone.
            database?.Dispose();
            database = null;
            throw HubStore.Explain(options.Path, e);
        }
        finally
        {
            Return(database);
            _free.Release();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var database))
            database.Dispose();
    }

    private Database Open()
    {
        var database = Database.Open(options.Path, SqliteOpenMode.ReadOnly, BusyTimeout);
        database.Execute($"PRAGMA cache_size = -{options.ReaderCacheKiB}; PRAGMA temp_store = MEMORY");
        return database;
    }

    private void Return(Database? database)
    {
        if (database is null)
            return;
        // A query that was left half-way would hold its snapshot, and the log could not shrink.
        database.ResetAll();
        if (_disposed)
            database.Dispose();
        else
            _idle.Add(database);
    }
}
