using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Sensing;

internal static partial class SensingLog
{
    [LoggerMessage(2001, LogLevel.Warning,
        "Channel {Channel} cannot be read from {Source}: {Reason}. Its readings are NaN until it can.")]
    public static partial void ChannelUnreadable(ILogger logger, string channel, string source, string reason);

    [LoggerMessage(2002, LogLevel.Information, "Channel {Channel} can be read again from {Source}.")]
    public static partial void ChannelReadable(ILogger logger, string channel, string source);

    [LoggerMessage(2003, LogLevel.Warning,
        "This machine has more than {ChannelsMax} channels; {Source} and what follows are left out.")]
    public static partial void TooManyChannels(ILogger logger, int channelsMax, string source);

    [LoggerMessage(2004, LogLevel.Error, "Recording left out: {Reason}")]
    public static partial void RecordingLeftOut(ILogger logger, string reason);

    [LoggerMessage(2005, LogLevel.Warning, "{File} line {Line}: {Reason}")]
    public static partial void RowUnreadable(ILogger logger, string file, long line, string reason);

    [LoggerMessage(2007, LogLevel.Warning,
        "The sensors of {Source} below the process file system are left out: {Reason}.")]
    public static partial void SourceLeftOut(ILogger logger, string source, string reason);

    [LoggerMessage(2006, LogLevel.Warning,
        "{Samples} samples of {Channel} were left out: the process stood still for too long.")]
    public static partial void SamplesLeftOut(ILogger logger, long samples, string channel);
}
