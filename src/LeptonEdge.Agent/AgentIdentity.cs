using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Protocol.Sealing;

namespace LeptonEdge.Agent;

/// <summary>Who this device is, and whom it seals for; read from the files once at start.</summary>
/// <param name="Certificate">With its key; null without a hub.</param>
/// <param name="Roots">The fleet's own authority; null without a hub.</param>
public sealed record AgentIdentity(
    HubPublicKey HubKey, X509Certificate2? Certificate, X509Certificate2Collection? Roots) : IDisposable
{
    /// <exception cref="ConfigurationException">A file is not what it should be; names each.</exception>
    public static AgentIdentity Load(AgentConfiguration configuration)
    {
        var files = configuration.Identity;
        var faults = new List<ConfigurationFault>();
        T? Try<T>(string key, Func<T> load) where T : class
        {
            try
            {
                return load();
            }
            catch (Exception fault) when (
                fault is FormatException or CryptographicException or IOException or UnauthorizedAccessException)
            {
                faults.Add(new ConfigurationFault(configuration.File, 0, $"identity.{key}", fault.Message));
                return null;
            }
        }

        var hubKey = Try("hub_key", () => HubPublicKey.Load(files.HubKey));
        var certificate = files.Certificate is null || files.Key is null
            ? null
            : Try("certificate", () => X509Certificate2.CreateFromPemFile(files.Certificate, files.Key));
        var roots = files.Authority is null ? null : Try("ca", () => LoadRoots(files.Authority));
        if (certificate is not null && !certificate.SubjectName.Name.Contains(
            $"CN={configuration.Device}", StringComparison.Ordinal))
            faults.Add(new ConfigurationFault(configuration.File, 0, "identity.certificate",
                $"is for {certificate.SubjectName.Name}, but this device is '{configuration.Device}': "
                + "the broker would turn it away"));
        if (faults.Count == 0)
            return new AgentIdentity(hubKey!, certificate, roots);
        certificate?.Dispose();
        throw new ConfigurationException(faults);
    }

    public void Dispose() => Certificate?.Dispose();

    private static X509Certificate2Collection LoadRoots(string file)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(file);
        return roots.Count > 0 ? roots : throw new CryptographicException($"'{file}' holds no certificate");
    }
}
