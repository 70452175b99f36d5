using LeptonEdge.Hub.Trust;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Accounts;

/// <summary>Finds out from a request who asks.</summary>
internal sealed class CallerReader(OperatorToken operatorToken, FleetAuthority authority)
{
    /// <summary>The page's way in with the operator's token.</summary>
    public const string OperatorCookie = "lepton_operator";
    private const string Bearer = "Bearer ";

    private readonly Caller _operator = Caller.OfOperatorToken(authority.Tenant);

    /// <summary>Null: nobody that this hub knows. A header counts alone: a wrong one is not made good by a
    /// cookie.</summary>
    public Caller? Read(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        var presented = header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? header[Bearer.Length..].Trim()
            : request.Cookies[OperatorCookie];
        return operatorToken.Matches(presented) ? _operator : null;
    }
}
