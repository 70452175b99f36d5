using LeptonEdge.Core.Identity;

namespace LeptonEdge.Hub.Api.Common;

/// <summary>NAME/VERSION of a model, from outside.</summary>
internal static class ModelNames
{
    public static bool TryParse(string text, out ModelReference? model, out string fault)
    {
        (model, fault) = (null, "");
        try
        {
            model = ModelReference.Parse(text);
            return true;
        }
        catch (FormatException e)
        {
            fault = e.Message;
            return false;
        }
    }
}
