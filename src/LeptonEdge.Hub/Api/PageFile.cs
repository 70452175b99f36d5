using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace LeptonEdge.Hub.Api;

/// <summary>One file of the dashboard in the forms that the build made of it: plain, brotli, gzip.</summary>
internal sealed class PageFile
{
    private const string Prefix = "web/";
    private const string Forever = "public, max-age=31536000, immutable";

    private static readonly Assembly Home = typeof(PageFile).Assembly;

    // The smallest first.
    private static readonly (string Coding, string Suffix)[] Codings = [("br", ".br"), ("gzip", ".gz"), ("", "")];
    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    private readonly List<Form> _forms;
    private readonly string _contentType;
    private readonly bool _forever;

    private PageFile(string name, List<Form> forms)
    {
        (Name, _forms) = (name, forms);
        // What the bundler named after its content never changes under that name.
        _forever = name.StartsWith("assets/", StringComparison.Ordinal);
        if (!ContentTypes.TryGetContentType(name, out var found))
            throw new InvalidOperationException($"the dashboard's {name} is of no kind known to browsers");
        _contentType = found.StartsWith("text/", StringComparison.Ordinal) ? $"{found}; charset=utf-8" : found;
    }

    /// <summary>Path below the site's root.</summary>
    public string Name { get; }

    /// <summary>Every file that the build put into the executable.</summary>
    public static IReadOnlyList<PageFile> ReadAll()
    {
        var names = Home.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).ToHashSet();
        return [.. names.Where(name => !IsCompressed(name, names)).Order(StringComparer.Ordinal).Select(name => new PageFile(
            name[Prefix.Length..],
            [.. Codings.Where(c => names.Contains(name + c.Suffix)).Select(c => new Form(c.Coding, name + c.Suffix))]))];
    }

    public Task ServeAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var form = Choose(request.Headers.AcceptEncoding);
        var headers = response.GetTypedHeaders();
        headers.ETag = form.Tag;
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (_forever)
            response.Headers.CacheControl = Forever;
        if (request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(form.Tag, useStrongComparison: false)
            || known.Equals(EntityTagHeaderValue.Any)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = _contentType;
        response.ContentLength = form.Length;
        if (form.Coding.Length > 0)
            response.Headers.ContentEncoding = form.Coding;
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : SendAsync(form, response);
    }

    // The resource is a mapped part of the executable: nothing of it is held on the heap.
    private static async Task SendAsync(Form form, HttpResponse response)
    {
        await using var content = form.Open();
        await content.CopyToAsync(response.Body, response.HttpContext.RequestAborted);
    }

    private Form Choose(StringValues accepted)
    {
        if (!StringWithQualityHeaderValue.TryParseList(accepted, out var wishes))
            return _forms[^1];
        return _forms.FirstOrDefault(form => form.Coding.Length == 0 || Quality(wishes, form.Coding) > 0) ?? _forms[^1];
    }

    /// <summary>0 when the browser does not want it (RFC 9110, section 12.5.3).</summary>
    private static double Quality(IList<StringWithQualityHeaderValue> wishes, string coding)
    {
        var own = wishes.FirstOrDefault(w => w.Value.Equals(coding, StringComparison.OrdinalIgnoreCase));
        own ??= wishes.FirstOrDefault(w => w.Value.Equals("*", StringComparison.Ordinal));
        return own is null ? 0 : own.Quality ?? 1;
    }

    private static bool IsCompressed(string name, HashSet<string> names) =>
        Codings.Any(c => c.Suffix.Length > 0 && name.EndsWith(c.Suffix, StringComparison.Ordinal)
            && names.Contains(name[..^c.Suffix.Length]));

    private sealed class Form
    {
        private readonly string _resource;

        public Form(string coding, string resource)
        {
            (Coding, _resource) = (coding, resource);
            using var content = Open();
            Length = content.Length;
            Tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content)[..12])}\"");
        }

        public string Coding { get; }

        public long Length { get; }

        public EntityTagHeaderValue Tag { get; }

        public Stream Open() => Home.GetManifestResourceStream(_resource)!;
    }
}
