using System.Net;
using LeptonEdge.Sync;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace LeptonEdge.Hub.Gateway;

/// <summary>Ends connections beyond a caller's share, so that nobody takes the places of others: by device where there
/// is a certificate, else by address; and, before anyone is known, handshakes by address.</summary>
internal sealed class ConnectionGate
{
    // A device needs one or two; a load generator may open one for each of its threads.
    private const int ConnectionsMax = 64;

    // A plant of devices behind one address may come back all at once.
    private const int HandshakesMax = 1024;
    private static readonly object s_handshake = new();

    private readonly Shares _connections = new(ConnectionsMax);
    private readonly Shares _handshakes = new(HandshakesMax);

    /// <summary>Stands before TLS.</summary>
    public async Task BeforeTlsAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = AddressOf(connection);
        if (!_handshakes.TryTake(address))
        {
            Refuse(connection, address);
            return;
        }

        var handshake = new Handshake(_handshakes, address);
        connection.Items[s_handshake] = handshake;
        try
        {
            await next(connection);
        }
        finally
        {
            handshake.End();
        }
    }

    /// <summary>Stands behind TLS.</summary>
    public async Task BehindTlsAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        (connection.Items[s_handshake] as Handshake)?.End();
        var certificate = connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate;
        var caller = FleetIdentity.Read(certificate)?.Name is { } name ? $"device {name}" : AddressOf(connection);
        if (!_connections.TryTake(caller))
        {
            Refuse(connection, caller);
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            _connections.Return(caller);
        }
    }

    private static string AddressOf(ConnectionContext connection) =>
        (connection.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "";

    private static void Refuse(ConnectionContext connection, string caller) =>
        connection.Abort(new ConnectionAbortedException($"{caller} has no more connections to open"));

    private sealed class Handshake(Shares handshakes, string address)
    {
        private int _over;

        public void End()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0)
                handshakes.Return(address);
        }
    }
}
