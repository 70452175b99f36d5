using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Sync;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub;

public sealed class FleetAuthorityTests : IDisposable
{
    private static readonly TenantId Tenant = new("plant-7");
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Opening_again_keeps_every_key()
    {
        string[] files = ["ca/ca.crt", "ca/ca.key", "hub.crt", "hub.key", "seal/hub.key", "seal/hub.pub"];
        FleetAuthority.OpenOrCreate(_folder.Path, Tenant).Dispose();
        var before = files.Select(f => File.ReadAllText(_folder.File(f))).ToArray();
        FleetAuthority.OpenOrCreate(_folder.Path, Tenant).Dispose();
        Assert.Equal(before, files.Select(f => File.ReadAllText(_folder.File(f))));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Secrets_are_readable_by_their_owner_alone()
    {
        using var authority = FleetAuthority.OpenOrCreate(_folder.Path, Tenant);
        authority.IssueDevice(new DeviceId("edge-1"), _folder.File("edge-1"));
        OperatorToken.OpenOrCreate(_folder.Path);
        string[] secrets = ["ca/ca.key", "hub.key", "seal/hub.key", "edge-1/device.key", "operator.token"];
        foreach (var secret in secrets)
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.File(secret)));
        Assert.True(File.GetUnixFileMode(_folder.File("edge-1/ca.crt")).HasFlag(UnixFileMode.OtherRead));
    }

    [PeerFact("openssl")]
    public void OpenSsl_verifies_the_chain_the_purposes_and_the_names()
    {
        using var authority = FleetAuthority.OpenOrCreate(_folder.Path, Tenant, ["hub.plant.example", "10.1.2.3"]);
        authority.IssueDevice(new DeviceId("edge-1"), _folder.File("edge-1"));
        var device = _folder.File("edge-1/device.crt");
        var hub = _folder.File("hub.crt");
        var ca = _folder.File("edge-1/ca.crt");
        Assert.Equal(0, OpenSsl("verify", "-x509_strict", "-CAfile", ca, "-purpose", "sslclient", device));
        Assert.NotEqual(0, OpenSsl("verify", "-x509_strict", "-CAfile", ca, "-purpose", "sslserver", device));
        Assert.Equal(0, OpenSsl("verify", "-x509_strict", "-CAfile", ca, "-purpose", "sslclient", hub));
        foreach (var name in (string[])["localhost", "hub.plant.example"])
            Assert.Equal(0, OpenSsl("verify", "-CAfile", ca, "-purpose", "sslserver", "-verify_hostname", name, hub));
        foreach (var address in (string[])["127.0.0.1", "::1", "10.1.2.3"])
            Assert.Equal(0, OpenSsl("verify", "-CAfile", ca, "-purpose", "sslserver", "-verify_ip", address, hub));
        Assert.NotEqual(0, OpenSsl("verify", "-CAfile", ca, "-verify_hostname", "elsewhere.example", hub));
        Assert.Equal(0, OpenSsl("pkey", "-in", _folder.File("seal/hub.key"), "-noout"));
        Assert.Equal(0, OpenSsl("pkey", "-pubin", "-in", _folder.File("edge-1/hub.pub"), "-noout"));
    }

    [Fact]
    public void A_certificate_says_who_its_holder_is()
    {
        using var authority = FleetAuthority.OpenOrCreate(_folder.Path, Tenant);
        authority.IssueDevice(new DeviceId("edge-1"), _folder.Path);
        using var device = X509CertificateLoader.LoadCertificateFromFile(_folder.File("device.crt"));
        Assert.Equal(new FleetIdentity(FleetRole.Device, Tenant, "edge-1"), FleetIdentity.Read(device));
        Assert.Equal(FleetRole.Hub, FleetIdentity.Read(authority.HubCertificate)!.Role);
        Assert.Null(FleetIdentity.Read(authority.Certificate));
        Assert.True(authority.Issued(device));
    }

    [Theory]
    [InlineData("O=plant-7, OU=device, CN=Edge One")]
    [InlineData("O=plant-7, OU=admin, CN=edge-1")]
    [InlineData("OU=device, CN=edge-1")]
    [InlineData("O=plant-7, OU=device")]
    [InlineData("O=plant-7, OU=device, OU=hub, CN=edge-1")]
    [InlineData("O=plant-7, OU=device, CN=edge-1, CN=edge-2")]
    [InlineData("O=plant-7, OU=device, CN=edge-1, L=x")]
    public void A_subject_with_another_shape_names_no_one(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        using var certificate =
            request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        Assert.Null(FleetIdentity.Read(certificate));
    }

    [Fact]
    public void Another_fleets_certificate_is_not_accepted()
    {
        using var authority = FleetAuthority.OpenOrCreate(_folder.File("a"), Tenant);
        using var stranger = FleetAuthority.OpenOrCreate(_folder.File("b"), Tenant);
        stranger.IssueDevice(new DeviceId("edge-1"), _folder.File("c"));
        using var device = X509CertificateLoader.LoadCertificateFromFile(_folder.File("c/device.crt"));
        Assert.False(authority.Issued(device));
        Assert.True(stranger.Issued(device));
    }

    [Fact]
    public void The_hubs_certificate_is_renewed_for_a_new_name_and_before_it_expires()
    {
        var clock = new MovableClock();
        using var first = FleetAuthority.OpenOrCreate(_folder.Path, Tenant, null, clock);
        using var named = FleetAuthority.OpenOrCreate(_folder.Path, Tenant, ["hub.example"], clock);
        Assert.NotEqual(first.HubCertificate.Thumbprint, named.HubCertificate.Thumbprint);
        Assert.Equal(first.Certificate.Thumbprint, named.Certificate.Thumbprint);
        clock.Now += TimeSpan.FromDays(330);
        using var renewed = FleetAuthority.OpenOrCreate(_folder.Path, Tenant, ["hub.example"], clock);
        Assert.NotEqual(named.HubCertificate.Thumbprint, renewed.HubCertificate.Thumbprint);
    }

    [Fact]
    public void A_hub_key_left_alone_by_a_killed_run_is_made_anew()
    {
        FleetAuthority.OpenOrCreate(_folder.Path, Tenant).Dispose();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_folder.File("hub.key"), other.ExportPkcs8PrivateKeyPem());
        using var again = FleetAuthority.OpenOrCreate(_folder.Path, Tenant);
        Assert.True(again.HubCertificate.HasPrivateKey);
    }

    [Fact]
    public void Another_tenants_folder_is_refused_by_name()
    {
        FleetAuthority.OpenOrCreate(_folder.Path, Tenant).Dispose();
        var fault = Assert.Throws<CryptographicException>(
            () => FleetAuthority.OpenOrCreate(_folder.Path, new TenantId("plant-8")));
        Assert.Contains("plant-7", fault.Message);
    }

    [Fact]
    public async Task Two_that_come_at_once_find_the_same_authority()
    {
        var both = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => FleetAuthority.OpenOrCreate(_folder.Path, Tenant))));
        Assert.Single(both.Select(a => a.Certificate.Thumbprint).Distinct());
        Assert.Single(both.Select(a => a.HubCertificate.Thumbprint).Distinct());
        Assert.All(both, a => a.Dispose());
    }

    [Fact]
    public void The_operators_token_is_kept_and_nothing_else_matches()
    {
        OperatorToken.OpenOrCreate(_folder.Path);
        var text = File.ReadAllText(_folder.File("operator.token")).Trim();
        var token = OperatorToken.OpenOrCreate(_folder.Path);
        Assert.True(token.Matches(text));
        Assert.False(token.Matches(text[..^1]));
        Assert.False(token.Matches(""));
        Assert.False(token.Matches(null));
    }

    private static int OpenSsl(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Requires.FindProgram("openssl")!, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardError.ReadToEnd();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private sealed class MovableClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
