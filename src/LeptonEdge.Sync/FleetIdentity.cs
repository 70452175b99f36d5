using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Sync;

/// <summary>What a certificate of the fleet lets its holder be.</summary>
public enum FleetRole
{
    Device,
    Hub,
}

/// <summary>Who holds a certificate: CN is the name, O the tenant, OU the role.</summary>
public sealed record FleetIdentity(FleetRole Role, TenantId Tenant, string Name)
{
    private const string CommonNameOid = "2.5.4.3";
    private const string OrganizationOid = "2.5.4.10";
    private const string OrganizationalUnitOid = "2.5.4.11";

    /// <summary>The device; only for <see cref="FleetRole.Device"/>.</summary>
    public DeviceId Device => Role == FleetRole.Device
        ? new DeviceId(Name)
        : throw new InvalidOperationException($"the {Role} '{Name}' is not a device");

    /// <summary>Reads the subject of a certificate whose chain was proven already; null when it names no one of a
    /// fleet.</summary>
    public static FleetIdentity? Read(X509Certificate2? certificate)
    {
        if (certificate is null)
            return null;
        try
        {
            string? name = null, tenant = null, role = null;
            foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
            {
                // A name given twice has no one meaning.
                var value = part.GetSingleElementValue();
                var slot = part.GetSingleElementType().Value;
                if (slot == CommonNameOid && name is null)
                    name = value;
                else if (slot == OrganizationOid && tenant is null)
                    tenant = value;
                else if (slot == OrganizationalUnitOid && role is null)
                    role = value;
                else
                    return null;
            }

            return role switch
            {
                "device" => new FleetIdentity(FleetRole.Device, new TenantId(tenant!), new DeviceId(name!).Value),
                "hub" => new FleetIdentity(FleetRole.Hub, new TenantId(tenant!), name!),
                _ => null,
            };
        }
        catch (Exception fault) when (fault is FormatException or InvalidOperationException
            or System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }
}
